import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../../src/codex/lines/rollout-event.js';
import { callsLeftRunning } from '../../../src/turn/tools/running-commands.js';
import { collectToolCalls } from '../../../src/turn/tools/tool-calls.js';
import { inputOf, outputOf } from '../../../src/turn/tools/tool-content.js';
import { failureOf } from '../../../src/turn/tools/tool-failure.js';
import { toolName } from '../../../src/turn/tools/tool-name.js';

const call = (callId: string, timeMs: number, more: object = {}) =>
  ({
    kind: 'tool_call',
    callId,
    timeMs,
    name: 'exec_command',
    form: 'function',
    input: '{}',
    ...more,
  }) as RolloutEvent;
const output = (callId: string, timeMs: number, text = 'x') =>
  ({ kind: 'tool_output', callId, timeMs, content: [{ type: 'text', text }] }) as unknown as RolloutEvent;
const item = (id: string, startMs: number, endMs: number, more: object = {}) =>
  ({
    kind: 'tool_item',
    id,
    name: 'exec_command',
    timeMs: endMs,
    startMs,
    endMs,
    ...more,
  }) as unknown as RolloutEvent;
const calls = (...events: RolloutEvent[]) => collectToolCalls(events, new Map(), { startMs: 0, endMs: 1000 });

describe('a tool call', () => {
  test.each(['exec_command', 'exec', 'shell', 'shell_command', 'local_shell'])(
    'of %s may end after its turn: a command goes on in the background',
    (name) => {
      expect(calls(call('a', 10, { name }), item('a', 10, 5000, { name }))[0]?.endMs).toBe(5000);
    },
  );

  test('of another tool ends within its turn', () => {
    expect(calls(call('a', 10, { name: 'ask' }), item('a', 10, 5000, { name: 'ask' }))[0]?.endMs).toBe(1000);
  });

  test('is told whole, whatever its lines tell of it', () => {
    const asked = call('a', 10, { namespace: 'mcp__x', name: 'look', form: 'custom', input: 'i' });
    const told = 'Exit code: 3\nOutput:\nno';
    const ran = item('b', 20, 30, { name: 'look', namespace: 'mcp__y', input: { q: 1 }, output: 'r' });
    expect(calls(asked, ran, output('a', 40, told), output('c', 50))).toEqual([
      {
        id: 'a',
        name: 'mcp__x__look',
        form: 'custom',
        namespace: 'mcp__x',
        startMs: 10,
        endMs: 40,
        input: { input: 'i' },
        output: { output: told, exit_code: 3 },
        exitCode: 3,
        failure: { type: 'exit_code', message: 'exit code 3' },
        children: [],
      },
      {
        id: 'c',
        name: 'unknown',
        form: 'function',
        startMs: 50,
        endMs: 50,
        output: { output: 'x' },
        children: [],
      },
      {
        id: 'b',
        name: 'mcp__y__look',
        form: 'function',
        namespace: 'mcp__y',
        startMs: 20,
        endMs: 30,
        input: { q: 1 },
        output: { output: 'r' },
        children: [],
      },
    ]);
  });

  test('that left a command running says so, and what was shown of it', () => {
    const shown = 'Process running with session ID 7\nOutput:\nx';
    expect(calls(call('a', 10), output('a', 40, shown), call('b', 50), output('b', 60))).toMatchObject([
      { id: 'a', running: true, output: { output: shown, running: true } },
      { id: 'b', output: { output: 'x' } },
    ]);
    expect(calls(call('b', 50), output('b', 60))[0]).not.toHaveProperty('running');
  });

  test('of the user’s own shell is told by the context where no item tells of any', () => {
    const shell = {
      kind: 'message',
      timeMs: 500,
      role: 'user',
      content: [
        {
          type: 'text',
          text: '<user_shell_command>\n<command>\nls\n</command>\n<result>\nExit code: 0\nDuration: 0.1 seconds\nOutput:\na\n</result>\n</user_shell_command>',
        },
      ],
    } as unknown as RolloutEvent;
    expect(calls(shell).map(({ id, startMs, endMs }) => [id, startMs, endMs])).toEqual([
      ['user_shell 0', 400, 500],
    ]);
    expect(calls(shell, item('i', 20, 30)).map(({ id }) => id)).toEqual(['i']);
  });

  describe('that a script ran', () => {
    const script = (id: string, timeMs: number) =>
      call(id, timeMs, { name: 'exec', form: 'custom', input: 'x' });
    const completed = (id: string, timeMs: number) =>
      output(id, timeMs, 'Script completed\nWall time 0.1 seconds\nOutput:\n');
    const yielded = (id: string, timeMs: number) => output(id, timeMs, 'Script running with cell ID 1\n');
    const ranIn = (...events: RolloutEvent[]) =>
      Object.fromEntries(calls(...events).map(({ id, children }) => [id, children.map((one) => one.id)]));

    test('is its first one’s until 150 ms after its own time, where its output came later', () => {
      const two = [script('s', 10), script('t', 200), completed('s', 900), output('t', 950)];
      for (const [startMs, expected] of [
        [255, { s: ['i'], t: [] }],
        [260, { s: ['i'], t: [] }],
        [261, { s: [], t: ['i'] }],
      ] as const)
        expect(ranIn(...two, item('i', startMs, 300))).toEqual(expected);
      expect(calls(script('s', 10), completed('s', 260))[0]?.endMs).toBe(260);
      expect(calls(script('s', 10), completed('s', 261))[0]?.endMs).toBe(160);
    });

    test('between two of them is the one’s that was left running last, else the last one’s', () => {
      const later = [script('u', 500), output('u', 600)];
      const ran = item('i', 300, 310);
      expect(
        ranIn(script('s', 10), output('s', 50), script('t', 60), output('t', 90), ...later, ran),
      ).toEqual({
        s: [],
        t: ['i'],
        u: [],
      });
      expect(
        ranIn(script('s', 10), yielded('s', 50), script('t', 60), output('t', 90), ...later, ran),
      ).toEqual({
        s: ['i'],
        t: [],
        u: [],
      });
      const both = [script('s', 10), yielded('s', 50), script('t', 60), yielded('t', 90)];
      expect(ranIn(...both, ...later, ran)).toEqual({ s: [], t: ['i'], u: [] });
      expect(ranIn(script('s', 10), output('s', 50), ran)).toEqual({ s: ['i'] });
    });

    test('before any of them is the first one’s', () => {
      expect(ranIn(script('s', 100), output('s', 150), script('t', 200), item('i', 50, 60))).toEqual({
        s: ['i'],
        t: [],
      });
    });

    test('is in the order of the file beside others of the same time', () => {
      expect(ranIn(script('s', 10), item('b', 20, 30), item('a', 20, 30), output('s', 50))).toEqual({
        s: ['b', 'a'],
      });
    });
  });

  test.each([
    ['look', 'mcp__x', 'mcp__x__look'],
    ['mcp__x__look', 'mcp__x', 'mcp__x__look'],
    ['a_mcp__', 'mcp__x', 'mcp__x__a_mcp__'],
    ['look', 'x_mcp__', 'look'],
    ['look', undefined, 'look'],
  ])('of %s with the namespace %s is called %s', (name, namespace, expected) => {
    expect(toolName(name, namespace)).toBe(expected);
  });

  test('of a script has what it ran in the order in which it began', () => {
    const script = call('s', 10, { name: 'exec', form: 'custom', input: 'x' });
    const [only, ...others] = calls(script, item('late', 50, 60), item('early', 20, 70), output('s', 80));
    expect(others).toEqual([]);
    expect(only?.children.map(({ id }) => id)).toEqual(['early', 'late']);
  });

  test('that began as a script’s output was written is that script’s', () => {
    const script = (id: string, timeMs: number) =>
      call(id, timeMs, { name: 'exec', form: 'custom', input: 'x' });
    const [first, second] = calls(
      script('s', 10),
      output('s', 50),
      script('t', 51),
      output('t', 90),
      item('at', 50, 60),
      item('after', 51, 60),
    );
    expect(first?.children.map(({ id }) => id)).toEqual(['at']);
    expect(second?.children.map(({ id }) => id)).toEqual(['after']);
  });

  test('of a script runs while its response goes on, whose outputs are written when that is over', () => {
    const script = (id: string, timeMs: number) =>
      call(id, timeMs, { name: 'exec', form: 'custom', input: 'x' });
    const ended = (id: string, seconds: string) =>
      output(id, 900, `Script completed\nWall time ${seconds} seconds\nOutput:\n`);
    const ran = calls(
      script('s', 10),
      item('a', 90, 95),
      script('t', 400),
      item('b', 420, 590),
      script('u', 895),
      ended('s', '0.1'),
      ended('t', '0.2'),
      item('c', 899, 900),
      ended('u', '0.0'),
    );
    expect(ran.map(({ id, endMs, children }) => [id, endMs, ...children.map((child) => child.id)])).toEqual([
      ['s', 160, 'a'],
      ['t', 650, 'b'],
      ['u', 900, 'c'],
    ]);
  });

  test('of scripts that come together is that of the first one that may still have run', () => {
    const script = (id: string) => call(id, 10, { name: 'exec', form: 'custom', input: 'x' });
    const ended = (id: string, timeMs: number) =>
      output(id, timeMs, 'Script completed\nWall time 0.1 seconds\nOutput:\n');
    const ran = calls(
      script('s'),
      script('t'),
      item('a', 140, 145),
      ended('s', 150),
      item('b', 240, 290),
      ended('t', 800),
    );
    expect(ran.map(({ endMs, children }) => [endMs, ...children.map(({ id }) => id)])).toEqual([
      [150, 'a'],
      [300, 'b'],
    ]);
  });

  test('in free text that is no script ran nothing but itself', () => {
    const patch = call('p', 10, { name: 'apply_patch', form: 'custom', input: 'x' });
    const exec = call('e', 10, { name: 'exec' });
    for (const other of [patch, exec]) {
      const [first, second] = calls(other, item('i', 20, 30), output(other === patch ? 'p' : 'e', 80));
      expect([first?.children, second?.id]).toEqual([[], 'i']);
    }
  });

  test('whose line, output or item comes twice is the first of each', () => {
    const twice = calls(
      call('a', 10),
      call('a', 12, { name: 'other' }),
      output('a', 40, 'one'),
      output('a', 50, 'two'),
      item('a', 20, 30, { exitCode: 1 }),
      item('a', 21, 31, { exitCode: 2 }),
      item('loose', 60, 61, { exitCode: 3 }),
      item('loose', 62, 63, { exitCode: 4 }),
    );
    expect(twice).toMatchObject([
      { id: 'a', name: 'exec_command', startMs: 20, exitCode: 1 },
      { id: 'loose', startMs: 60, exitCode: 3 },
    ]);
  });

  test('lasts as its item says, else from its line to its output’s', () => {
    expect(calls(call('a', 10), output('a', 40))).toMatchObject([{ startMs: 10, endMs: 40 }]);
    expect(calls(call('a', 10), item('a', 20, 30), output('a', 40))).toMatchObject([
      { startMs: 20, endMs: 30 },
    ]);
    expect(calls(call('a', 10))).toMatchObject([{ startMs: 10, endMs: 1000 }]);
    expect(calls(call('a', 10, { form: 'hosted' }))).toMatchObject([{ startMs: 10, endMs: 10 }]);
    const untimed = { startMs: undefined, endMs: undefined };
    expect(calls(call('a', 10), item('a', 0, 30, untimed))).toMatchObject([{ startMs: 10, endMs: 30 }]);
    expect(calls(item('a', 0, 30, untimed))).toMatchObject([{ startMs: 30, endMs: 30 }]);
    expect(calls(output('a', 40))).toMatchObject([{ startMs: 40, endMs: 40 }]);
  });

  test('was made when the model’s tokens were written, where its line came later (0.60)', () => {
    const made = collectToolCalls([call('a', 50), output('a', 60)], new Map([['a', 20]]), {
      startMs: 0,
      endMs: 1000,
    });
    expect(made).toMatchObject([{ startMs: 20, endMs: 60 }]);
  });

  test('begins no later than what it ran, and ends no earlier, but for commands', () => {
    const script = (...ran: RolloutEvent[]) =>
      calls(call('s', 50, { name: 'exec', form: 'custom', input: 'x' }), ...ran, output('s', 80))[0];
    expect(script(item('a', 40, 60))).toMatchObject({ startMs: 40, endMs: 80 });
    expect(script(item('a', 60, 90))).toMatchObject({ startMs: 50, endMs: 80 });
    expect(script(item('a', 60, 90, { name: 'ask' }))).toMatchObject({ startMs: 50, endMs: 90 });
  });
});

describe('the arguments of a call', () => {
  const input = (value: unknown, form = 'function') =>
    inputOf({ call: { form, input: value } as never, children: [] });

  test.each([
    ['{"a":1}', { a: 1 }],
    ['{}', undefined],
    ['[1]', { input: [1] }],
    ['no JSON', { input: 'no JSON' }],
    ['null', undefined],
    ['', undefined],
    [undefined, undefined],
    [null, undefined],
    [{ a: 1 }, { a: 1 }],
    ['0', { input: 0 }],
  ])('%j are %j', (value, expected) => {
    expect(input(value)).toEqual(expected);
  });

  test('of a custom tool are its text as it is', () => {
    expect(input('{"a":1}', 'custom')).toEqual({ input: '{"a":1}' });
  });

  test('are those of the item where there is no call', () => {
    expect(inputOf({ item: { input: { a: 1 } } as never, children: [] })).toEqual({ a: 1 });
  });
});

describe('the result of a call', () => {
  const late = { endMs: 50, output: 'all of it' };
  const shown = { timeMs: 40 };
  const result = (draft: object, seen?: string, exitCode?: number) =>
    outputOf({ children: [], ...draft } as never, seen, exitCode);

  test('is what the model was shown, and beside it what came after that', () => {
    expect(result({ item: late, output: shown }, 'half')).toEqual({
      output: 'half',
      output_at_end: 'all of it',
    });
    expect(result({ item: { ...late, endMs: 40 }, output: shown }, 'half')).toEqual({ output: 'half' });
    expect(result({ item: { endMs: 50 }, output: shown }, 'half')).toStrictEqual({ output: 'half' });
    expect(result({ item: late }, 'half')).toEqual({ output: 'half' });
  });

  test('of an MCP tool is its own', () => {
    const mcp = { namespace: 'mcp__lab', output: { output: 'own' } };
    expect(result({ item: mcp }, 'shown')).toEqual({ output: 'own' });
    expect(result({ item: { ...mcp, output: { said: 'own' } } }, 'shown')).toEqual({
      said: 'own',
      output: 'shown',
    });
    expect(result({ item: { ...mcp, namespace: 'other' } }, 'shown')).toEqual({ output: 'shown' });
  });

  test('has changes of files, the error where there is no output, and the exit code', () => {
    expect(result({ call: {}, item: { input: { changes: { f: 1 } } } })).toEqual({ changes: { f: 1 } });
    expect(result({ item: { input: { changes: { f: 1 } } } })).toBeUndefined();
    expect(result({ item: { error: 'no' } }, undefined, 0)).toEqual({ error: 'no', exit_code: 0 });
    expect(result({ item: { error: 'no', output: 'out' } })).toEqual({ output: 'out' });
    for (const draft of [{}, { item: { output: null } }, { item: { output: {} } }])
      expect(result(draft)).toBeUndefined();
    expect(result({ item: { output: { output: 'own', more: 1 } } }, '')).toEqual({ output: 'own', more: 1 });
  });
});

describe('a command that was left running', () => {
  const runs = (session: number) => `Process running with session ID ${session}\nOutput:\n`;
  const left = (...events: RolloutEvent[]) => [...callsLeftRunning(events)];
  const poll = (callId: string, session: number) =>
    call(callId, 30, { name: 'write_stdin', input: `{"session_id": ${session}}` });

  test('belongs to the call that began it, until one that asks after it hears of its end', () => {
    expect(left(call('a', 1), output('a', 2, runs(7)))).toEqual(['a']);
    expect(left(call('a', 1), output('a', 2, runs(7)), poll('b', 7), output('b', 31, runs(7)))).toEqual([
      'a',
    ]);
    expect(left(call('a', 1), output('a', 2, runs(7)), poll('b', 7), output('b', 31, 'done'))).toEqual([]);
    expect(left(call('a', 1), output('a', 2, runs(7)), poll('b', 8), output('b', 31, 'done'))).toEqual(['a']);
  });

  test('is asked after by Codex’s tool for that alone, and polled by scripts alone', () => {
    const other = call('b', 30, { input: '{"cmd": "x", "session_id": 7}' });
    expect(left(call('a', 1), output('a', 2, runs(7)), other, output('b', 31, 'done'))).toEqual(['a']);
    const search = call('a', 1, { input: '{"cmd": "grep write_stdin"}' });
    expect(left(search, output('a', 2, runs(7)))).toEqual(['a']);
  });

  test.each([
    ['a number in a script’s JSON', '{"session_id": 7, "output": ""}', ['a']],
    ['no number', '{"session_id": "7"}', []],
    ['an end as well', '{"session_id": 7, "exit_code": 0}', []],
    ['JSON that is cut off', '{"session_id": 7', []],
    ['JSON in other words', ' {"session_id": 7}', []],
    ['the header', 'Chunk ID: x\nProcess running with session ID 12\nOutput:\nx', ['a']],
    ['the header without an output', 'Process running with session ID 12', ['a']],
    ['words of the program', 'Output\nProcess running with session ID 12\n', []],
    ['a line that goes on', 'Process running with session ID 12, it says\nOutput:\n', []],
    [
      'a script’s JSON that tells of another',
      '{"session_id": 7, "output": "Process running with session ID 12"}',
      ['a'],
    ],
  ])('is told by %s', (_, text, expected) => {
    const script = call('a', 1, { name: 'exec', form: 'custom', input: 'tools.exec_command()' });
    expect(left(script, output('a', 2, text))).toEqual(expected);
  });

  test('is the first call’s that names its session, and is not told by a picture', () => {
    expect(left(call('a', 1), output('a', 2, runs(7)), call('b', 3), output('b', 4, runs(7)))).toEqual(['a']);
    const picture = { kind: 'tool_output', callId: 'a', timeMs: 2, content: [{ type: 'image' }] };
    expect(left(call('a', 1), picture as unknown as RolloutEvent)).toEqual([]);
  });

  test('has ended where its item tells', () => {
    expect(left(call('a', 1), output('a', 2, runs(7)), item('x', 3, 4, { processId: '7' }))).toEqual([]);
    expect(left(call('a', 1), output('a', 2, runs(7)), item('x', 3, 4, { processId: '8' }))).toEqual(['a']);
  });

  test('is not told by what a program printed', () => {
    expect(left(call('a', 1), output('a', 2, `Output:\n${runs(7)}`))).toEqual([]);
  });

  test('is that of a script that starts one, though it asks after another as well', () => {
    const script = (input: string) => call('s', 1, { name: 'exec', form: 'custom', input });
    const told = output('s', 2, '{"session_id": 5}');
    expect(left(script('tools.write_stdin(); tools.exec_command()'), told)).toEqual(['s']);
    expect(left(script('tools.exec_command()'), told)).toEqual(['s']);
    expect(left(script('tools.write_stdin()'), told)).toEqual([]);
    expect(left(script('tools.other()'), told)).toEqual(['s']);
  });
});

describe('why a call failed', () => {
  const failure = (draft: object, exitCode?: number, told?: object) =>
    failureOf({ children: [], ...draft } as never, exitCode, told as never);

  test('is told by its item: the tool’s own error, or that somebody declined it', () => {
    const mcp = { namespace: 'mcp__lab', error: 'boom' };
    expect(failure({ item: mcp })).toEqual({ type: 'mcp_error', message: 'the MCP tool reported an error' });
    expect(failure({ item: { error: 'boom' } })).toEqual({ type: 'failed', message: 'the tool failed' });
    expect(failure({ item: { status: 'declined' } })).toEqual({ type: 'rejected', message: 'declined' });
    const told = { type: 'aborted', message: 'x' };
    expect(failure({ item: { status: 'declined' } }, undefined, told)).toEqual(told);
  });

  test('is told by Codex’s own words, the error’s before those of the output', () => {
    const declined = { type: 'declined', message: 'declined by the user' };
    const words = {
      status: 'declined',
      output: { stderr: 'exec command rejected by user', output: 'aborted by user' },
    };
    expect(failure({ item: words })).toEqual(declined);
  });

  test('is told by its exit code, by a status, or by an end that it did not reach', () => {
    expect(failure({}, 0)).toBeUndefined();
    expect(failure({}, 3)).toMatchObject({ type: 'exit_code' });
    expect(failure({}, 3, { type: 'timeout', message: 't' })).toMatchObject({ type: 'timeout' });
    const told = { type: 'exit_code', message: 'exit code 4' };
    expect(failure({}, 3, told)).toEqual({ type: 'exit_code', message: 'exit code 3' });
    expect(failure({}, 0, told)).toBeUndefined();
    expect(failure({ item: { status: 'failed' } })).toMatchObject({ type: 'failed' });
    expect(failure({ output: { success: false } })).toMatchObject({ type: 'failed' });
    expect(failure({ output: { success: true }, item: { status: 'completed' } })).toBeUndefined();
    expect(failure({ call: { status: 'incomplete' } })).toMatchObject({ type: 'aborted' });
  });
});
