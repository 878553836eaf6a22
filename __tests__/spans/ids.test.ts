import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../../src/platform/sha256.js';
import { agentKey, spanIdOf, traceIdOf, turnKey } from '../../src/spans/ids.js';

describe('ids', () => {
  test('are the beginnings of SHA-256 over what names the turn and the item', () => {
    const root = { threadId: 'thread', turnKey: 'turn' };
    // printf 'trace:thread:turn' | sha256sum; printf '%s:call_1' 17577719743a05f178c42588d99aa2c7 | sha256sum
    expect(traceIdOf(root, sha256)).toBe('17577719743a05f178c42588d99aa2c7');
    expect(spanIdOf('17577719743a05f178c42588d99aa2c7', 'call_1', sha256)).toBe('205c949d2b76a03d');
  });

  test('are the same for ever: changing one would double every trace of the past', () => {
    const root = {
      threadId: '01a21080-3806-71b0-8d3d-a41cbbfe89bc',
      turnKey: '01a21080-3819-7922-9d4a-896f7354051c',
    };
    expect(traceIdOf(root, sha256)).toBe('77741d2915f2205b4da683532ec2ffad');
    expect(spanIdOf('77741d2915f2205b4da683532ec2ffad', agentKey(root), sha256)).toBe('e670228d945d2cec');
  });

  test('are never all zero', () => {
    const zero = () => '0'.repeat(64);
    expect(traceIdOf({ threadId: '', turnKey: '' }, zero)).toBe(`${'0'.repeat(31)}1`);
    expect(spanIdOf('', '', zero)).toBe(`${'0'.repeat(15)}1`);
  });

  test.each([
    ['01a21080-3819-7922-9d4a-896f7354051c', '01a21080-3819-7922-9d4a-896f7354051c'],
    ['0', '1795573168169'],
    ['3', '1795573168169'],
    ['', '1795573168169'],
    [undefined, '1795573168169'],
  ])('a turn that is called %s is named by %s', (turnId, key) => {
    expect(turnKey(turnId, 1795573168169)).toBe(key);
  });
});
