import { expect } from '@jest/globals';
import { everyVersion, innerCommand, script, shell, shellTool, turn } from './by-version.js';
import { type Noted, usual } from './notation.js';

everyVersion('shell', (v) => [
  turn('run echo', 'The command printed one-tool.', [
    { chat: v.model, tokens: usual(0), calls: [shellTool(v)] },
    shell(v, 'echo one-tool; pwd', 'one-tool\n/home/dev/project\n'),
    { chat: v.model, tokens: usual(1), says: 'The command printed one-tool.' },
  ]),
]);

/**
 * Surprising: 0.60 runs them one after the other and writes calls and outputs together when all are
 * done, after the tokens. Spans stand in the order in which they began: from 0.152 on `echo C`, the
 * last call, begins first.
 */
everyVersion('parallel', (v) => {
  const a = shell(v, 'sleep 0.5; echo A', 'A\n');
  const b = shell(v, 'sleep 0.3; echo B', 'B\n');
  const c = shell(v, 'echo C', 'C\n');
  const inner = [
    innerCommand('echo C', 'C\n'),
    innerCommand('sleep 0.5; echo A', 'A\n'),
    innerCommand('sleep 0.3; echo B', 'B\n'),
  ];
  const tool = shellTool(v);
  return [
    turn('run three commands in parallel', 'A, B, C and second-round.', [
      {
        chat: v.model,
        tokens: usual(0),
        says: 'I will look at three things.',
        calls: v.isCodeMode ? [tool] : [tool, tool, tool],
      },
      ...(v.isCodeMode
        ? [{ ...script('Promise.all', 'A', []), below: expect.arrayContaining(inner) as unknown as Noted[] }]
        : v.since('0.152.0')
          ? [c, a, b]
          : [a, b, c]),
      { chat: v.model, tokens: usual(1), calls: [tool] },
      shell(v, 'echo second-round', 'second-round\n'),
      { chat: v.model, tokens: usual(2), says: 'A, B, C and second-round.' },
    ]),
  ];
});

/** Surprising: outputs are written when the response is over, though its first script ended long before. */
everyVersion('calls-apart', (v) => [
  turn('run one command, then another', 'Both were run.', [
    {
      chat: v.model,
      tokens: usual(0),
      says: expect.stringMatching(/^First .* second\.\n\nSecond .* over\.$/) as unknown as string,
      calls: [shellTool(v), shellTool(v)],
    },
    shell(v, 'echo first', 'first\n'),
    shell(v, 'sleep 0.2; echo second', 'second\n'),
    { chat: v.model, tokens: usual(1), says: 'Both were run.' },
  ]),
]);

everyVersion('failing-commands', (v) => [
  turn('run failing commands', 'All three failed.', [
    { chat: v.model, tokens: usual(0), calls: [shellTool(v)] },
    shell(
      v,
      'no_such_command_xyz --flag',
      '/bin/bash: line 1: no_such_command_xyz: command not found\n',
      127,
    ),
    { chat: v.model, tokens: usual(1), calls: [shellTool(v)] },
    shell(v, 'echo to-stderr >&2; exit 1', 'to-stderr\n', 1),
    { chat: v.model, tokens: usual(2), calls: ['no_such_tool'] },
    {
      tool: 'no_such_tool',
      in: { a: 1 },
      out: { output: 'unsupported call: no_such_tool' },
      error: 'unsupported call: Codex has no such tool',
    },
    { chat: v.model, tokens: usual(3), says: 'All three failed.' },
  ]),
]);

/**
 * Surprising: only up to 0.120 and in 0.169 is there a tool of this name for these models; between
 * them Codex takes `apply_patch` out of a shell command and applies it itself, without an exit code.
 * The diff is recorded from 0.140 on. A patch that does not fit leaves no item anywhere.
 */
everyVersion('apply-patch', (v) => {
  const changes = {
    '/home/dev/project/a.txt': {
      type: 'update',
      unified_diff: '@@ -1,2 +1,2 @@\n-old line\n+new line\n keep\n',
      move_path: null,
    },
    '/home/dev/project/dir/b.txt': { type: 'add', content: 'hello\n' },
    '/home/dev/project/gone.txt': { type: 'delete', content: 'bye\n' },
  };
  const success = 'Success. Updated the following files:\nA dir/b.txt\nM a.txt\nD gone.txt\n';
  // The order is that of the recording.
  const patch = expect.stringMatching(
    /^\*\*\* Begin Patch\n(\*\*\* (Update File: a.txt\n@@\n-old line\n\+new line\n keep|Add File: dir\/b.txt\n\+hello|Delete File: gone.txt)\n){3}\*\*\* End Patch$/,
  );
  const misfit = expect.stringContaining('apply_patch verification failed: Failed to find expected lines');
  const isOwnTool = !v.since('0.128.0') || v.since('0.169.0');
  const tool = v.isCodeMode ? 'exec' : isOwnTool ? 'apply_patch' : 'exec_command';
  const input = (text: string) => ({ [isOwnTool ? 'input' : 'cmd']: expect.stringContaining(text) });
  return [
    turn('edit a.txt', 'Edited a.txt.', [
      { chat: v.model, tokens: usual(0), calls: [tool] },
      v.isCodeMode
        ? script('-old line', '{}', [
            { tool: 'apply_patch', in: { input: patch }, out: { output: success, changes } },
          ])
        : {
            tool,
            in: input('-old line'),
            out: {
              output: success,
              ...(v.since('0.140.0') ? { changes } : {}),
              exit_code: 0,
            },
            ...(isOwnTool ? { exit: 0 } : {}),
          },
      { chat: v.model, tokens: usual(1), calls: [tool] },
      v.isCodeMode
        ? {
            ...script('-this line is not there', 'apply_patch verification failed', [], 'failed'),
            error: 'script failed',
          }
        : {
            tool,
            in: input('-this line is not there'),
            out: { output: misfit },
            error: 'apply_patch verification failed',
          },
      { chat: v.model, tokens: usual(2), says: 'Edited a.txt.' },
    ]),
  ];
});

/** Surprising: a plan leaves no item, so in code mode nothing but the script shows it. */
everyVersion('update-plan', (v) => {
  const plan = (look: string, edit: string) => ({
    explanation: `look is ${look}`,
    plan: [
      { step: 'look', status: look },
      { step: 'edit', status: edit },
    ],
  });
  const update = (look: string, edit: string) =>
    v.isCodeMode
      ? script(`look is ${look}`, '{}', [])
      : { tool: 'update_plan', in: plan(look, edit), out: { output: 'Plan updated' } };
  const calls = [v.isCodeMode ? 'exec' : 'update_plan'];
  return [
    turn('make a plan', 'Planned.', [
      { chat: v.model, tokens: usual(0), calls },
      update('in_progress', 'pending'),
      { chat: v.model, tokens: usual(1), calls },
      update('completed', 'in_progress'),
      { chat: v.model, tokens: usual(2), says: 'Planned.' },
    ]),
  ];
});

/**
 * Surprising: up to 0.120 nothing tells that a call failed: the span says no error, because the
 * recording knows none. What the server answered in words is shown to no model where it also answered
 * in structure, so these versions do not record it.
 */
everyVersion('mcp', (v) => {
  const isFlat = !v.since('0.140.0');
  const name = (tool: string) => `mcp__labmcp__${tool}`;
  const failed = { error: 'the MCP tool reported an error' };
  const calls = (tool: string) => [v.isCodeMode ? 'exec' : name(tool)];
  const structured_content = { sum: 42 };
  return [
    turn('add 2 and 40', 'The sum is 42; boom failed.', [
      { chat: v.model, tokens: usual(0), calls: calls('add') },
      v.isCodeMode
        ? script('mcp__labmcp__add', '42', [
            { tool: name('add'), in: { a: 2, b: 40 }, out: { output: '42', structured_content } },
          ])
        : {
            tool: name('add'),
            in: { a: 2, b: 40 },
            out: { output: isFlat ? '{"sum":42}' : '42', structured_content },
          },
      { chat: v.model, tokens: usual(1), calls: calls('boom') },
      v.isCodeMode
        ? script('mcp__labmcp__boom', 'boom failed', [
            { tool: name('boom'), out: { output: 'boom failed' }, ...failed },
          ])
        : {
            tool: name('boom'),
            out: { output: 'boom failed' },
            ...(isFlat ? {} : failed),
          },
      { chat: v.model, tokens: usual(2), says: 'The sum is 42; boom failed.' },
    ]),
  ];
});

/** Surprising: the provider searches by itself, so the call has no output and no id before 0.150. */
everyVersion('web-search', (v) => [
  turn('search the web', 'Sunny.', [
    { chat: v.model, tokens: usual(0), says: 'Sunny.', calls: ['web_search'] },
    {
      tool: 'web_search',
      in: {
        type: 'search',
        query: 'weather in Bern',
        ...(v.since('0.101.0') ? { queries: ['weather in Bern'] } : {}),
      },
    },
  ]),
]);

/**
 * Surprising: a picture the model looks at is a message of the user's in 0.60 to 0.101 (it is no
 * prompt); 0.60 does not know what a search opened; an item nobody knows leaves nothing.
 */
everyVersion('odd-tools', (v) => [
  turn('look around', 'Looked everywhere.', [
    { chat: v.model, tokens: usual(0), calls: ['view_image'] },
    {
      tool: 'view_image',
      in: { path: 'pic.png' },
      out: { output: v.since('0.120.0') ? '[image: image/png, 79 bytes]' : 'attached local image path' },
    },
    { chat: v.model, tokens: usual(1), calls: ['exec_command'] },
    v.since('0.101.0')
      ? {
          tool: 'exec_command',
          in: { not: 'its arguments' },
          out: { output: 'failed to parse function arguments: missing field `cmd` at line 1 column 23' },
          error: 'failed to parse function arguments',
        }
      : {
          tool: 'exec_command',
          in: { not: 'its arguments' },
          out: { output: 'unsupported call: exec_command' },
          error: 'unsupported call: Codex has no such tool',
        },
    {
      chat: v.model,
      tokens: usual(2),
      says: 'Looked everywhere.',
      calls: ['web_search', 'web_search'],
    },
    ...(v.since('0.80.0')
      ? [
          { tool: 'web_search', in: { type: 'open_page', url: 'https://example.invalid/a' } },
          {
            tool: 'web_search',
            in: { type: 'find_in_page', url: 'https://example.invalid/a', pattern: 'p' },
          },
        ]
      : [
          { tool: 'web_search', in: { type: 'other' } },
          { tool: 'web_search', in: { type: 'other' } },
        ]),
  ]),
]);

/**
 * Surprising: the command goes on while the model is asked again. It belongs to the call that started
 * it, though it ends during the second one; its exit code is known from 0.152 on, and so is what it
 * printed after the model had been shown the beginning.
 */
everyVersion('background-shell', (v) => {
  const ticks = 'for i in 1 2 3 4 5 6; do echo tick $i; sleep 0.4; done';
  const start = { cmd: ticks, yield_time_ms: 500 };
  const wait = { session_id: expect.any(Number), chars: '', yield_time_ms: 6000 };
  const unsupported = 'unsupported call: Codex has no such tool';
  const printed = expect.stringMatching(/tick 6\r?\n$/);
  const calls = v.isCodeMode
    ? [
        script('tick $i', 'tick 1', [{ ...innerCommand(ticks, ''), out: { output: printed, exit_code: 0 } }]),
        script('write_stdin', 'tick 6', []),
      ]
    : !v.since('0.101.0')
      ? [
          {
            tool: 'exec_command',
            in: start,
            out: { output: 'unsupported call: exec_command' },
            error: unsupported,
          },
          {
            tool: 'write_stdin',
            in: wait,
            out: { output: 'unsupported call: write_stdin' },
            error: unsupported,
          },
        ]
      : [
          {
            tool: 'exec_command',
            in: start,
            out: {
              output: expect.stringContaining('tick 1'),
              ...(v.since('0.152.0') ? { output_at_end: printed, exit_code: 0 } : {}),
            },
            ...(v.since('0.152.0') ? { exit: 0 } : {}),
          },
          {
            tool: 'write_stdin',
            in: wait,
            out: { output: expect.stringContaining('tick 6'), exit_code: 0 },
            exit: 0,
          },
        ];
  const name = (tool: string) => [v.isCodeMode ? 'exec' : tool];
  return [
    turn('run ticks', 'ticks done', [
      { chat: v.model, tokens: usual(0), calls: name('exec_command') },
      calls[0] ?? {},
      { chat: v.model, tokens: usual(1), calls: name('write_stdin') },
      calls[1] ?? {},
      { chat: v.model, tokens: usual(2), says: 'ticks done' },
    ]),
  ];
});

/**
 * Surprising: each version has other words for it, and a declined command leaves no item, a declined
 * patch one with its status. In code mode the script is told, and fails.
 */
everyVersion('declined', (v) => {
  const error = 'declined by the user';
  const isOwnTool = !v.since('0.128.0') || v.since('0.169.0');
  const patchTool = isOwnTool ? 'apply_patch' : 'exec_command';
  const changes = {
    '/home/dev/project/a.txt': {
      type: 'update',
      unified_diff: '@@ -1 +1 @@\n-old line\n+new line\n',
      move_path: null,
    },
  };
  const recordsPatches = v.since('0.140.0');
  return [
    turn('do forbidden things', 'Then not.', [
      { chat: v.model, tokens: usual(0), calls: [shellTool(v)] },
      v.isCodeMode
        ? { ...script('touch forbidden', 'ejected by user', [], 'failed'), error: 'script failed' }
        : {
            tool: shellTool(v),
            in: { cmd: 'touch forbidden' },
            out: { output: expect.stringContaining('rejected by user') },
            error,
          },
      { chat: v.model, tokens: usual(1), calls: [v.isCodeMode ? 'exec' : patchTool] },
      v.isCodeMode
        ? {
            ...script(
              '-old line',
              'patch rejected by user',
              [
                {
                  tool: 'apply_patch',
                  in: { input: expect.stringContaining('*** Update File: a.txt\n@@\n-old line\n+new line') },
                  out: { stderr: 'patch rejected by user', changes },
                  error,
                },
              ],
              'failed',
            ),
            error: 'script failed',
          }
        : {
            tool: patchTool,
            in: { [isOwnTool ? 'input' : 'cmd']: expect.stringContaining('-old line') },
            out: {
              output: 'patch rejected by user',
              ...(recordsPatches ? { stderr: 'patch rejected by user', changes } : {}),
            },
            error,
          },
      { chat: v.model, tokens: usual(2), says: 'Then not.' },
    ]),
  ];
});

/** Surprising: Codex itself keeps only the ends of 1.8 MB; the model was shown no more either. */
everyVersion('long-output', (v) => [
  turn('print a lot', 'It printed 60000 lines.', [
    { chat: v.model, tokens: usual(0), calls: ['exec'] },
    script('very long output', 'line 60000 of a very long output', [
      {
        ...innerCommand('for i in $(seq 1 60000); do echo "line $i of a very long output"; done', ''),
        out: { output: expect.stringMatching(/^line 1 [\s\S]*60000 of a very long output\n$/), exit_code: 0 },
      },
    ]),
    { chat: v.model, tokens: usual(1), says: 'It printed 60000 lines.' },
  ]),
]);

/**
 * What the user runs with `!`: a turn without a model. Surprising: up to 0.140 it has no item, only a
 * message that shows it to the model.
 */
everyVersion('user-shell', (v) => [
  {
    agent: 'codex',
    outcome: 'completed',
    below: [
      v.since('0.152.0')
        ? innerCommand('echo by-the-user', 'by-the-user\n')
        : {
            tool: 'exec_command',
            in: { cmd: 'echo by-the-user' },
            out: { output: 'by-the-user\n', exit_code: 0 },
            exit: 0,
          },
    ],
  },
  turn('what did I run', 'I have seen it.', [{ chat: v.model, tokens: usual(0), says: 'I have seen it.' }]),
]);
