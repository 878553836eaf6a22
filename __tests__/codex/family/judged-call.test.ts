import { describe, expect, test } from '@jest/globals';
import { type JudgeableCall, pickJudgedCall } from '../../../src/codex/family/judged-call.js';

/** A call from a time to that of its output. */
function call(
  callId: string,
  fromMs: number,
  outputMs: number | undefined,
  input: object | string,
): JudgeableCall {
  const isCustom = typeof input === 'string';
  return {
    call: {
      kind: 'tool_call',
      timeMs: fromMs,
      callId,
      name: isCustom ? 'exec' : 'exec_command',
      form: isCustom ? 'custom' : 'function',
      input: isCustom ? input : JSON.stringify(input),
    },
    outputMs,
  };
}

/** A request as Codex 0.171 words it. */
const asks = (action: object) =>
  `>>> APPROVAL REQUEST START\nPlanned action JSON:\n${JSON.stringify(action, null, 2)}\n>>> APPROVAL REQUEST END\n`;
const command = (text: string) => asks({ command: ['/bin/bash', '-lc', text], tool: 'exec_command' });

describe('a reviewer judged', () => {
  const touch = call('touch', 100, 900, { cmd: 'touch "/srv/a b"' });
  const remove = call('remove', 110, 900, { cmd: 'rm /srv/x' });

  test('the only call that waited then, whatever its words', () => {
    const earlier = call('earlier', 10, 90, { cmd: 'rm /srv/x' });
    const later = call('later', 600, 900, { cmd: 'rm /srv/x' });
    expect(pickJudgedCall([earlier, touch, later], { startMs: 500, request: command('rm /srv/x') })).toBe(
      'touch',
    );
  });

  test('of parallel calls the one whose command is planned', () => {
    const among = [touch, remove];
    expect(pickJudgedCall(among, { startMs: 500, request: command('rm /srv/x') })).toBe('remove');
    expect(pickJudgedCall(among, { startMs: 500, request: command('touch "/srv/a b"') })).toBe('touch');
  });

  test('of parallel calls the one whose patch is planned', () => {
    const patch = '*** Begin Patch\n*** Add File: /srv/y\n+"x"\n*** End Patch';
    const applied = { ...call('patch', 100, undefined, patch) };
    expect(
      pickJudgedCall([touch, applied], { startMs: 500, request: asks({ patch, tool: 'apply_patch' }) }),
    ).toBe('patch');
  });

  test('the call that is planned, not one whose command is part of it', () => {
    const among = ['echo one', 'echo one two', 'one'].map((cmd) => call(cmd, 100, 900, { cmd }));
    for (const cmd of ['echo one', 'echo one two']) {
      expect(pickJudgedCall(among, { startMs: 500, request: command(cmd) })).toBe(cmd);
    }
  });

  test('the script that runs the planned command, not one that runs a longer one', () => {
    const among = ['echo one', 'echo one two'].map((cmd) =>
      call(cmd, 100, 900, `await tools.exec_command({cmd:${JSON.stringify(cmd)}})`),
    );
    for (const cmd of ['echo one', 'echo one two']) {
      expect(pickJudgedCall(among, { startMs: 500, request: command(cmd) })).toBe(cmd);
    }
  });

  test('the script that holds the command, written as a text of JavaScript', () => {
    const script = call('script', 100, 900, 'await tools.exec_command({"cmd":"touch \\"/srv/a b\\""})');
    const other = call('other', 100, 900, 'await tools.exec_command({"cmd":"ls"})');
    expect(pickJudgedCall([other, script], { startMs: 500, request: command('touch "/srv/a b"') })).toBe(
      'script',
    );
  });

  test('the call whose command stands in a request of other words', () => {
    expect(pickJudgedCall([touch, remove], { startMs: 500, request: 'May this run? rm /srv/x' })).toBe(
      'remove',
    );
  });

  test.each([
    ['two calls that say the same', [remove, { ...remove, call: { ...remove.call, callId: 'twin' } }]],
    ['none that waited', [call('earlier', 10, 90, { cmd: 'rm /srv/x' })]],
    ['two of which neither is asked about', [touch, call('list', 100, 900, { cmd: 'ls' })]],
  ])('nothing that can be told: %s', (_, calls) => {
    expect(pickJudgedCall(calls, { startMs: 500, request: command('rm /srv/x') })).toBeUndefined();
  });
});
