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

describe('what became of the turns, in facts', () => {
  const facts = (summary: Partial<DeliverySummary>) => check(summary).slice(1);
  const RAN = {
    code: 'hook-ran',
    level: 'info',
    args: { when: '1 h ago', time: run.time, outcome: 'sent', ms: 5, detail: '', thread: '', turn: '' },
  };
  const turn = (n: number) => ({ threadId: `t${n}`, turnId: `u${n}`, file: `t${n}`, start: 0 });

  it('is one run of the hook', () => {
    expect(check({})).toStrictEqual([RAN]);
    const whole = { ...run, detail: 'HTTP 503', thread: 't', turn: 'u' };
    expect(check({ lastRuns: [whole] })).toStrictEqual([
      { ...RAN, args: { ...RAN.args, detail: 'HTTP 503', thread: 't', turn: 'u' } },
    ]);
  });

  it.each([
    ['sent', 'info'],
    ['live', 'info'],
    ['ignored', 'info'],
    ['untraced', 'info'],
    ['disabled', 'info'],
    ['pending', 'warning'],
    ['problem', 'warning'],
    ['lost', 'warning'],
  ] as const)('is a run that ended with %s: %s', (outcome, level) => {
    expect(check({ lastRuns: [{ ...run, outcome } as DeliverySummary['lastRuns'][number]] })).toStrictEqual([
      { ...RAN, level, args: { ...RAN.args, outcome } },
    ]);
  });

  it('is what is pending, since the oldest, each reason once', () => {
    const pending = [
      { threadId: 'b', turns: 1, since: '2026-11-25T11:30:00Z', reason: 'HTTP 503', blocked: false },
      { threadId: 'a', turns: 2, since: '2026-11-25T10:00:00Z', reason: 'HTTP 401', blocked: true },
      { threadId: 'd', turns: 3, since: '2026-11-25T11:00:00Z', reason: 'HTTP 503', blocked: false },
      { threadId: 'c', turns: 1, blocked: false },
    ];
    const args = { turns: 7, threads: 4, since: '2 h ago', reasons: ['HTTP 503', 'HTTP 401'], blocked: true };
    expect(facts({ pending })).toStrictEqual([{ code: 'turns-pending', level: 'warning', args }]);
    expect(facts({ pending: pending.slice(3) })).toStrictEqual([
      {
        code: 'turns-pending',
        level: 'warning',
        args: { turns: 1, threads: 1, since: '', reasons: [], blocked: false },
      },
    ]);
  });

  it('is each rejected turn up to three, and how many more', () => {
    const rejected = [1, 2, 3, 4].map((n) => ({
      ...turn(n),
      status: 'rejected' as const,
      httpStatus: 422,
      message: 'no',
    }));
    const told = [1, 2, 3].map((n) => ({
      code: 'turn-rejected',
      level: 'warning',
      args: { thread: `t${n}`, turn: `u${n}`, status: 422, message: 'no' },
    }));
    expect(facts({ rejected: rejected.slice(0, 3) })).toStrictEqual(told);
    expect(facts({ rejected })).toStrictEqual([
      ...told,
      { code: 'more-rejected', level: 'warning', args: { more: 1 } },
    ]);
  });

  it('is the last lost turn and the last reduced one, and how many there are', () => {
    const lost = [1, 2].map((n) => ({ ...turn(n), status: 'lost' as const, message: `why ${n}` }));
    expect(facts({ lost })).toStrictEqual([
      { code: 'turns-lost', level: 'warning', args: { turns: 2, thread: 't2', turn: 'u2', reason: 'why 2' } },
    ]);
    const reduced = [1, 2].map((n) => ({
      ...run,
      time: `2026-11-25T0${n}:00:00Z`,
      thread: `t${n}`,
      turn: `u${n}`,
      detail: 'smaller',
      isReduced: true as const,
    }));
    expect(facts({ reduced })).toStrictEqual([
      {
        code: 'turns-reduced',
        level: 'warning',
        args: { turns: 2, when: '10 h ago', thread: 't2', turn: 'u2', detail: 'smaller' },
      },
    ]);
    const [bare] = facts({ reduced: [{ ...run, isReduced: true }] });
    expect(bare?.args).toStrictEqual({ turns: 1, when: '1 h ago', thread: '', turn: '', detail: '' });
  });

  it('is state that cannot be used', () => {
    expect(facts({ newer: ['/a'], unreadable: ['/b', '/c'] })).toStrictEqual([
      { code: 'state-newer', level: 'warning', args: { file: '/a' } },
      { code: 'state-unreadable', level: 'warning', args: { file: '/b' } },
      { code: 'state-unreadable', level: 'warning', args: { file: '/c' } },
    ]);
  });

  it('is each session that no hook was told of up to ten, and how many there are', () => {
    const unknownThreads = Array.from({ length: 11 }, (_, n) => ({
      threadId: `t${n}`,
      modifiedMs: NOW - 60_000,
    }));
    const [all, ...told] = facts({ unknownThreads });
    expect(all).toStrictEqual({ code: 'threads-never-announced', level: 'info', args: { threads: 11 } });
    expect(told).toStrictEqual(
      unknownThreads.slice(0, 10).map(({ threadId }) => ({
        code: 'thread-unknown',
        level: 'info',
        args: { thread: threadId, folder: '', when: '1 min ago', reason: '' },
      })),
    );
    const known = { threadId: 't', modifiedMs: NOW, cwd: '/p', untraced: 'excluded' };
    expect(facts({ unknownThreads: [known] })[1]?.args).toStrictEqual({
      thread: 't',
      folder: '/p',
      when: '0 s ago',
      reason: 'excluded',
    });
  });

  it('is told in one order: runs, then what is pending, rejected, lost, reduced, unusable, unknown', () => {
    const everything = check({
      pending: [{ threadId: 'a', turns: 1, blocked: false }],
      rejected: [{ ...turn(1), status: 'rejected' }],
      lost: [{ ...turn(2), status: 'lost' }],
      reduced: [{ ...run, isReduced: true }],
      newer: ['/a'],
      unreadable: ['/b'],
      unknownThreads: [{ threadId: 'a', modifiedMs: NOW }],
    });
    expect(everything.map(({ code }) => code)).toEqual([
      'hook-ran',
      'turns-pending',
      'turn-rejected',
      'turns-lost',
      'turns-reduced',
      'state-newer',
      'state-unreadable',
      'threads-never-announced',
      'thread-unknown',
    ]);
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
