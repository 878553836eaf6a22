import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { NotifyPayload } from '../../../src/codex/notify-payload.js';
import { announcementOf } from '../../../src/delivery/announced/announcement.js';

/** What is kept of what Codex announced: nothing that was said. */

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const said = { inputMessages: ['first', 'last'], lastAssistantMessage: 'answer' };
const payload = (more: object = {}): NotifyPayload => ({
  threadId: 't',
  turnId: '01a21080-0000-7000-8000-00000000000f',
  cwd: '/a',
  ...said,
  ...more,
});
const kept = (of: NotifyPayload, env: NodeJS.ProcessEnv = {}) => {
  const { atMs, place, ...rest } = announcementOf(of, env);
  return rest;
};
const digests = { promptDigest: sha('last'), answerDigest: sha('answer') };

describe('of an announced turn there is kept', () => {
  test('its place, and nothing that was said', () => {
    expect(kept(payload())).toEqual({
      threadId: 't',
      turnId: '01a21080-0000-7000-8000-00000000000f',
      cwd: '/a',
    });
  });

  test('who announced it, where it is recorded, and what the environment says of it', () => {
    const env = { MLFLOW_CODEX_TAGS: 'job=7', TRACEPARENT: '00-a-b-01' };
    expect(kept(payload({ client: 'codex_exec', recording: '/f.jsonl' }), env)).toEqual({
      threadId: 't',
      turnId: '01a21080-0000-7000-8000-00000000000f',
      cwd: '/a',
      client: 'codex_exec',
      recording: '/f.jsonl',
      run: { tags: { job: '7' }, traceparent: '00-a-b-01' },
    });
    // The terminal's daemon has the environment of another shell.
    expect(kept(payload({ client: 'codex-tui' }), env).run).toEqual({ tags: { job: '7' } });
  });

  test.each([
    ['"0"', { turnId: '0' }, { turnId: '0' }],
    ['none', { turnId: undefined }, {}],
  ])('digests of the last prompt and the answer where its id tells nothing: %s', (_, told, id) => {
    const of = payload(told);
    expect(kept(of)).toEqual({ threadId: 't', cwd: '/a', ...id, ...digests });
    const nothing = payload({ ...told, inputMessages: [], lastAssistantMessage: undefined });
    expect(kept(nothing)).toEqual({ threadId: 't', cwd: '/a', ...id });
  });

  test('no digest of a session’s end', () => {
    const end = payload({ isSessionEnd: true, turnId: undefined });
    expect(kept(end)).toEqual({ threadId: 't', cwd: '/a', isSessionEnd: true });
  });

  test('the hook’s own folder where Codex names none', () => {
    expect(kept(payload({ cwd: undefined })).cwd).toBe(process.cwd());
  });

  test('what the environment says of where turns go: other words, another place', () => {
    const placeIn = (env: NodeJS.ProcessEnv) => announcementOf(payload(), env).place;
    expect(placeIn({})).toBe(placeIn({ MLFLOW_CODEX_TAGS: 'job=7' }));
    expect(placeIn({ MLFLOW_EXPERIMENT_ID: '7' })).not.toBe(placeIn({}));
  });
});
