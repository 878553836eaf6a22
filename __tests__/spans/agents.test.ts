import { expect } from '@jest/globals';
import { everyVersion, innerCommand, script, shell, shellTool, turn, type Version } from './by-version.js';
import { type Noted, usual } from './notation.js';

/**
 * Agents stand below the call that gave them their task. Which response the model gave first differs
 * from recording to recording, since agents run at the same time: tokens are checked in their sum
 * elsewhere, here it is who did what, below whom.
 *
 * There have been two sets of tools. The first (0.101 to 0.169) names an agent by its thread; the
 * second (scenarios `-v2`, 0.120 on) by its path. From 0.140 on the second set's tasks are encrypted:
 * then the agent's turn has no prompt, and the parent's call has it.
 */
const any = expect.anything() as unknown as Noted['tokens'] & object;
const anything = expect.anything();

/** What an agent is called: nothing in 0.101, a nickname with the first set, a path with the second. */
function agent(v: Version, path: string, prompt: string, answer: string, below: Noted[]): Noted {
  const isPath = path.startsWith('/');
  const name = isPath ? path : v.since('0.120.0') ? expect.stringMatching(/^[A-Z][a-z]+/) : 'subagent';
  return {
    agent: name as unknown as string,
    outcome: 'completed',
    ...(isPath && v.since('0.140.0') ? {} : { prompts: [prompt] }),
    answer,
    below,
  };
}

function spawn(isSecondSet: boolean, name: string, task: string, below: Noted[], more: object = {}): Noted {
  const message = `TASK-${name} ${task}`;
  return {
    tool: 'spawn_agent',
    in: isSecondSet ? { task_name: name, message, fork_turns: 'none', ...more } : { message, ...more },
    out: { output: expect.stringMatching(/^\{"(agent_id|task_name)":/) },
    below,
  };
}

function wait(v: Version): Noted {
  return {
    tool: v.since('0.120.0') ? 'wait_agent' : 'wait',
    in: anything,
    out: { output: expect.stringContaining('"timed_out":false') },
  };
}

/** The responses of an agent that runs one command and says that it is done. */
function work(v: Version, name: string, pause: string): Noted[] {
  return [
    { chat: v.model, tokens: any, calls: [shellTool(v)] },
    shell(v, `sleep ${pause}; echo from-${name}`, `from-${name}\n`),
    { chat: v.model, tokens: any, says: `${name} is done` },
  ];
}

for (const isSecondSet of [false, true]) {
  const suffix = isSecondSet ? '-v2' : '';
  const path = (name: string) => (isSecondSet ? `/root/${name}` : name);
  const asks = (v: Version, ...calls: string[]): Noted => ({ chat: v.model, tokens: any, calls });
  const waits = (v: Version) => asks(v, v.since('0.120.0') ? 'wait_agent' : 'wait');

  /** Surprising: nothing in the parent's file up to 0.128 names the second set's agents but their path. */
  everyVersion(`agents-parallel${suffix}`, (v) => {
    const half = (name: string, which: string, pause: string) =>
      spawn(isSecondSet, name, `do ${which} half`, [
        agent(v, path(name), `TASK-${name} do ${which} half`, `${name} is done`, work(v, name, pause)),
      ]);
    return [
      turn('TASK-root share this', 'both halves are done', [
        asks(v, 'spawn_agent', 'spawn_agent'),
        half('alpha', 'one', '0.2'),
        half('beta', 'the other', '0.6'),
        waits(v),
        wait(v),
        waits(v),
        wait(v),
        { chat: v.model, tokens: any, says: 'both halves are done' },
      ]),
    ];
  });

  /** Surprising: not every version lets an agent start another, so in some alpha answers by itself. */
  everyVersion(`agents-nested${suffix}`, (v, { served }) => {
    const maySpawn = !JSON.stringify(served).includes('alpha may not spawn');
    const beta = spawn(isSecondSet, 'beta', 'do it', [
      agent(v, path('alpha/beta'), 'TASK-beta do it', 'beta is done', work(v, 'beta', '0.2')),
    ]);
    const alpha = maySpawn
      ? [
          asks(v, 'spawn_agent'),
          beta,
          waits(v),
          wait(v),
          { chat: v.model, tokens: any, says: 'alpha is done' },
        ]
      : [{ chat: v.model, tokens: any, says: 'alpha may not spawn' }];
    return [
      turn('TASK-root have it done', 'alpha had beta do it', [
        asks(v, 'spawn_agent'),
        spawn(isSecondSet, 'alpha', 'have beta do it', [
          agent(
            v,
            path('alpha'),
            'TASK-alpha have beta do it',
            maySpawn ? 'alpha is done' : 'alpha may not spawn',
            alpha,
          ),
        ]),
        waits(v),
        wait(v),
        { chat: v.model, tokens: any, says: 'alpha had beta do it' },
      ]),
    ];
  });

  /**
   * Surprising: the second task is a second turn of the same agent, below the call that gave it; that
   * call follows the agent's first turn by less than 200 ms, and up to 0.128 its line comes after the
   * turn that it starts.
   */
  everyVersion(`agents-talk${suffix}`, (v) => {
    const tell = isSecondSet ? 'followup_task' : 'send_input';
    const close = isSecondSet && v.since('0.140.0') ? 'interrupt_agent' : 'close_agent';
    return [
      turn('TASK-root two tasks', 'alpha has done two tasks', [
        asks(v, 'spawn_agent'),
        spawn(isSecondSet, 'alpha', 'first task', [
          agent(v, path('alpha'), 'TASK-alpha first task', 'first task is done', [
            asks(v, shellTool(v)),
            shell(v, 'echo from-alpha', 'from-alpha\n'),
            { chat: v.model, tokens: any, says: 'first task is done' },
          ]),
        ]),
        waits(v),
        wait(v),
        asks(v, tell),
        {
          tool: tell,
          in: expect.objectContaining({ message: 'TASK-alpha second task' }),
          ...(isSecondSet ? {} : { out: { output: expect.stringContaining('submission_id') } }),
          below: [
            agent(v, path('alpha'), 'TASK-alpha second task', 'second task is done', [
              { chat: v.model, tokens: any, says: 'second task is done' },
            ]),
          ],
        },
        waits(v),
        wait(v),
        asks(v, close),
        {
          tool: close,
          in: anything,
          out: { output: expect.stringContaining('"completed":"second task is done"') },
        },
        { chat: v.model, tokens: any, says: 'alpha has done two tasks' },
      ]),
    ];
  });

  /** Surprising: the agent ends two seconds after its parent's turn; it is below it all the same. */
  everyVersion(`agent-outlives${suffix}`, (v) => [
    turn('TASK-root start somebody', 'I do not wait for alpha', [
      asks(v, 'spawn_agent'),
      spawn(isSecondSet, 'alpha', 'take your time', [
        agent(v, path('alpha'), 'TASK-alpha take your time', 'alpha is done', work(v, 'alpha', '2')),
      ]),
      { chat: v.model, tokens: any, says: 'I do not wait for alpha' },
    ]),
  ]);

  /**
   * Surprising: up to 0.140 the agent's file begins with the parent's history, the turn under way
   * included, tokens and all. Nothing of it is told twice. 0.101 takes the flag and copies nothing.
   */
  everyVersion(`agent-with-history${suffix}`, (v) => [
    turn('TASK-root first', 'first is done', [
      { chat: v.model, tokens: usual(0), calls: [shellTool(v)] },
      shell(v, 'echo history', 'history\n'),
      { chat: v.model, tokens: usual(1), says: 'first is done' },
    ]),
    turn('TASK-root second', 'alpha knew', [
      { chat: v.model, tokens: usual(2), calls: ['spawn_agent'] },
      spawn(
        isSecondSet,
        'alpha',
        'you know what I know',
        [agent(v, path('alpha'), 'TASK-alpha you know what I know', 'alpha is done', work(v, 'alpha', '0'))],
        isSecondSet ? { fork_turns: 'all' } : { fork_context: true },
      ),
      waits(v),
      wait(v),
      { chat: v.model, tokens: any, says: 'alpha knew' },
    ]),
  ]);
}

everyVersion('subagent', (v) => [
  turn('spawn a helper', 'The helper said from-helper.', [
    { chat: v.model, tokens: any, calls: ['spawn_agent'] },
    {
      tool: 'spawn_agent',
      in: { task_name: 'helper_one', message: 'HELPER TASK: run echo', fork_turns: 'none' },
      out: { output: '{"task_name":"/root/helper_one"}' },
      below: [
        {
          agent: '/root/helper_one',
          outcome: 'completed',
          answer: 'helper result: from-helper',
          below: [
            { chat: v.model, tokens: any, calls: [shellTool(v)] },
            v.isCodeMode
              ? script('echo from-helper', 'from-helper', [innerCommand('echo from-helper', 'from-helper\n')])
              : shell(v, 'echo from-helper', 'from-helper\n'),
            { chat: v.model, tokens: any, says: 'helper result: from-helper' },
          ],
        },
      ],
    },
    { chat: v.model, tokens: any, calls: ['wait_agent'] },
    wait(v),
    { chat: v.model, tokens: any, says: 'The helper said from-helper.' },
  ]),
]);
