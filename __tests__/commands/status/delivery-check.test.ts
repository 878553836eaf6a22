import { describe, expect, it } from '@jest/globals';
import { checkDelivery } from '../../../src/commands/status/delivery-check.js';
import type { DeliverySummary } from '../../../src/delivery/overview/delivery-summary.js';
import { ago } from '../../../src/terminal/ago.js';
import { findingText } from '../../../src/terminal/finding-texts.js';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const run = { time: '2026-11-25T11:00:00Z', outcome: 'sent', ms: 5 } as const;
const QUIET: DeliverySummary = {
  pending: [],
  rejected: [],
  lost: [],
  newer: [],
  unreadable: [],
  lastRuns: [run],
  reduced: [],
  unknownThreads: [],
};

const check = (summary: Partial<DeliverySummary>) => checkDelivery({ ...QUIET, ...summary }, NOW);
const words = (summary: Partial<DeliverySummary>) =>
  check(summary)
    .slice(1)
    .map((finding) => [finding.level, ...Object.values(findingText(finding))].join(' | '));

describe('checkDelivery', () => {
  it('has little to say where everything was sent', () => {
    expect(words({})).toEqual([]);
    expect(check({ lastRuns: [] })).toEqual([{ code: 'hook-never-ran', level: 'info', args: {} }]);
  });

  it('counts what is pending, since when and why, and says whether waiting helps', () => {
    const pending = [
      { threadId: 'a', turns: 2, since: '2026-11-25T10:00:00Z', reason: 'HTTP 503', blocked: false },
      { threadId: 'b', turns: 1, since: '2026-11-25T11:30:00Z', reason: 'HTTP 503', blocked: false },
      { threadId: 'c', turns: 1, blocked: false },
    ];
    expect(words({ pending })).toEqual([
      'warning | 4 turns of 3 sessions not sent yet, the oldest since 2 h ago: HTTP 503 | mlflow-codex sync',
    ]);
    expect(words({ pending: [{ threadId: 'a', turns: 1, reason: 'HTTP 401', blocked: true }] })).toEqual([
      'warning | 1 turn of 1 session not sent yet: HTTP 401 | Mend what is named above, then mlflow-codex sync',
    ]);
  });

  it('names rejected turns with the server’s words, the first few one by one', () => {
    const turn = (n: number) => ({
      threadId: `t${n}`,
      turnId: `u${n}`,
      file: `t${n}`,
      start: 0,
      status: 'rejected' as const,
      httpStatus: 422,
      message: 'Failed to log',
    });
    const said = words({ rejected: [1, 2, 3, 4, 5].map(turn) });
    expect(said).toHaveLength(4);
    expect(said[0]).toBe(
      'warning | A turn was refused for good (HTTP 422): Failed to log | mlflow-codex show t1 shows its session; the turn is u1',
    );
    expect(said[3]).toBe('warning | 2 more were refused');
    const [wordless] = words({ rejected: [{ ...turn(1), message: '' }] });
    expect(wordless).toMatch(/^warning \| A turn was refused for good \(HTTP 422\) \|/);
  });

  it('leaves out what is not known of a turn that is rejected or lost', () => {
    const turn = { threadId: 't', file: 't', start: 0 };
    const args = (summary: Partial<DeliverySummary>) => check(summary)[1]?.args;
    expect(args({ rejected: [{ ...turn, status: 'rejected' }] })).toEqual({
      thread: 't',
      turn: '',
      status: 0,
      message: '',
    });
    expect(args({ lost: [{ ...turn, status: 'lost' }] })).toEqual({
      turns: 1,
      thread: 't',
      turn: '',
      reason: '',
    });
    expect(args({ reduced: [{ ...run, isReduced: true }] })).toMatchObject({
      thread: '',
      turn: '',
      detail: '',
    });
    expect(check({ unknownThreads: [{ threadId: 'a', modifiedMs: NOW }] })[2]?.args).toMatchObject({
      folder: '',
      reason: '',
    });
  });

  it('names the last turn that a server took only without some of its content, and how many there were', () => {
    const detail = 'all content left out: the server refused the whole (413)';
    const reduced = ['a', 'b'].map((thread) => ({ ...run, thread, detail, isReduced: true as const }));
    expect(words({ reduced })).toEqual([
      `warning | 2 turns sent without all of the content, the last 1 h ago: ${detail} | mlflow-codex show b shows its session whole`,
    ]);
  });

  it('warns of recordings that the hook was never told of, where it has not run at all', () => {
    const unknownThreads = [{ threadId: 'a', modifiedMs: NOW }];
    expect(check({ unknownThreads })[1]).toMatchObject({ code: 'threads-never-announced', level: 'info' });
    expect(check({ unknownThreads, lastRuns: [] })[1]).toMatchObject({ level: 'warning' });
  });

  it('names each of them, with the reason and the command that sends it', () => {
    const modifiedMs = NOW - 7_200_000;
    const unknownThreads = [
      { threadId: 'a', modifiedMs, cwd: '/home/ada/app' },
      { threadId: 'b', modifiedMs, cwd: '/home/ada/notes', untraced: 'no tracing config' },
    ];
    expect(words({ unknownThreads }).slice(1)).toEqual([
      'info | session a in /home/ada/app, 2 h ago: no hook ran for it | mlflow-codex sync a',
      'info | session b in /home/ada/notes, 2 h ago: not traced (no tracing config) | mlflow-codex setup in /home/ada/notes, then mlflow-codex sync b',
    ]);
  });

  it('names the last turn that is lost, and why', () => {
    const lost = [1, 2].map((n) => ({
      threadId: 't',
      turnId: `u${n}`,
      file: 'none',
      start: n,
      status: 'lost' as const,
      message: 'it was announced, and no recording has it',
    }));
    expect(words({ lost })).toEqual([
      'warning | 2 turns lost, the last u2 of session t: it was announced, and no recording has it',
    ]);
  });

  it('tells of the last three runs, and which of them were not well', () => {
    const lastRuns = (['sent', 'sent', 'problem', 'untraced'] as const).map((outcome) => ({
      ...run,
      outcome,
    }));
    expect(check({ lastRuns }).map(({ level, args }) => [level, 'outcome' in args && args.outcome])).toEqual([
      ['info', 'sent'],
      ['warning', 'problem'],
      ['info', 'untraced'],
    ]);
  });

  it('names state that could not be read', () => {
    expect(words({ unreadable: ['/s/threads/x.json'] })[0]).toContain('/s/threads/x.json');
  });
});

describe('ago', () => {
  it.each([
    [0, '0 s ago'],
    [-5000, '0 s ago'],
    [59_000, '59 s ago'],
    [60_000, '1 min ago'],
    [3_600_000, '1 h ago'],
    [172_800_000, '2 days ago'],
    [Number.NaN, 'at an unknown time'],
  ])('%d ms: %s', (ms, text) => {
    expect(ago(NOW - ms, NOW)).toBe(text);
  });
});
