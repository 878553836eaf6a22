// @ts-check
/**
 * Scenarios in which agents start agents.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { closeCall, hasAgents, spawnCall, tellCall, waitCall, whoAsks } from '../agent-calls.mjs';
import { startAppServer } from '../app-server.mjs';
import { shellCall } from '../request-reading.mjs';
import { message } from '../response-items.mjs';
import { exec } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */
/** @typedef {import('../request-reading.mjs').RequestBody} RequestBody */
/** @typedef {import('../response-items.mjs').Item} Item */

const firstSet = '[features]\ncollab = true\nmulti_agent = true\n';
const secondSet = `${firstSet}multi_agent_v2 = true\n`;

/**
 * A script by agent: what each answers in which round.
 * @param {Record<string, ((body: RequestBody, task: string) => Item[])[]>} agents the last entry stands for all later rounds
 * @returns {import('./scenario.mjs').Script}
 */
function cast(agents) {
  return (body) => {
    if (!hasAgents(body) && whoAsks(body).agent === 'root')
      return { items: [message('no tool to spawn with')] };
    const { agent, task, round } = whoAsks(body);
    const rounds = agents[agent] ?? [];
    const answer = rounds[Math.min(round, rounds.length - 1)];
    return { items: answer?.(body, task) ?? [message(`nobody is called ${agent}`)] };
  };
}

/** An agent that runs one command and tells what came of it. @param {string} name @param {string} [pause] seconds */
function worker(name, pause = '0') {
  return [
    (/** @type {RequestBody} */ body) => [shellCall(body, `sleep ${pause}; echo from-${name}`)],
    () => [message(`${name} is done`)],
  ];
}

const nested = cast({
  root: [
    (body) => [spawnCall(body, 'alpha', 'have beta do it')],
    (body) => [waitCall(body, ['alpha'])],
    () => [message('alpha had beta do it')],
  ],
  alpha: [
    (body) => (hasAgents(body) ? [spawnCall(body, 'beta', 'do it')] : [message('alpha may not spawn')]),
    (body) => [waitCall(body, ['beta'])],
    () => [message('alpha is done')],
  ],
  beta: worker('beta', '0.2'),
});

const parallel = cast({
  root: [
    (body) => [spawnCall(body, 'alpha', 'do one half'), spawnCall(body, 'beta', 'do the other half')],
    (body) => [waitCall(body, ['alpha'])],
    (body) => [waitCall(body, ['beta'])],
    () => [message('both halves are done')],
  ],
  alpha: worker('alpha', '0.2'),
  beta: worker('beta', '0.6'),
});

const talk = cast({
  root: [
    (body) => [spawnCall(body, 'alpha', 'first task')],
    (body) => [waitCall(body, ['alpha'])],
    (body) => [tellCall(body, 'alpha', 'second task')],
    (body) => [waitCall(body, ['alpha'])],
    (body) => [closeCall(body, 'alpha')],
    () => [message('alpha has done two tasks')],
  ],
  alpha: [
    (body, task) =>
      task.startsWith('first') ? [shellCall(body, 'echo from-alpha')] : [message('second task is done')],
    () => [message('first task is done')],
  ],
});

const siblings = cast({
  root: [
    (body) => [spawnCall(body, 'beta', 'first task')],
    (body) => [waitCall(body, ['beta'])],
    (body) => [spawnCall(body, 'alpha', 'let beta do it')],
    (body) => [waitCall(body, ['alpha'])],
    (body) => [waitCall(body, ['beta'])],
    () => [message('alpha had beta do it')],
  ],
  alpha: [(body) => [tellCall(body, '/root/beta', 'second task')], () => [message('beta is at it')]],
  beta: [() => [message('beta is done')]],
  // A task begins with its agent's name, and this one is told to a path.
  '': [() => [message('beta is done')]],
});

const outlives = cast({
  root: [(body) => [spawnCall(body, 'alpha', 'take your time')], () => [message('I do not wait for alpha')]],
  alpha: worker('alpha', '2'),
});

const withHistory = cast({
  root: [
    (body, task) =>
      task.startsWith('first')
        ? [shellCall(body, 'echo history')]
        : [spawnCall(body, 'alpha', 'you know what I know', { withHistory: true })],
    (body, task) => (task.startsWith('first') ? [message('first is done')] : [waitCall(body, ['alpha'])]),
    () => [message('alpha knew')],
  ],
  alpha: worker('alpha'),
});

/** @type {Record<string, Scenario>} */
export const agentScenarios = {
  'agents-parallel': {
    about: 'two agents started by one response, the second ends later',
    configTables: firstSet,
    announced: 1,
    script: parallel,
    steps: [exec('TASK-root share this')],
  },
  'agents-nested': {
    about: 'an agent that starts an agent',
    configTables: `${firstSet}\n[agents]\nmax_depth = 3\n`,
    announced: 1,
    script: nested,
    steps: [exec('TASK-root have it done')],
  },
  'agents-talk': {
    about: 'an agent that is given a second task and is closed',
    configTables: firstSet,
    announced: 1,
    script: talk,
    steps: [exec('TASK-root two tasks')],
  },
  'agents-parallel-v2': {
    about: 'the same with the second set of tools',
    configTables: secondSet,
    announced: 1,
    script: parallel,
    steps: [exec('TASK-root share this')],
  },
  'agents-nested-v2': {
    about: 'the same with the second set of tools',
    configTables: secondSet,
    announced: 1,
    script: nested,
    steps: [exec('TASK-root have it done')],
  },
  'agents-talk-v2': {
    about: 'the same with the second set of tools',
    configTables: secondSet,
    announced: 1,
    script: talk,
    steps: [exec('TASK-root two tasks')],
  },
  'agents-siblings-v2': {
    about: 'an agent that gives another one, which is not its own, a second task',
    configTables: secondSet,
    announced: 1,
    script: siblings,
    steps: [exec('TASK-root let alpha have it done')],
  },
  'agent-outlives': {
    about: "an agent that goes on after its parent's turn, in an editor",
    configTables: firstSet,
    announced: 1,
    script: outlives,
    steps: [outlivingStep()],
  },
  'agent-outlives-v2': {
    about: 'the same with the second set of tools',
    configTables: secondSet,
    announced: 1,
    script: outlives,
    steps: [outlivingStep()],
  },
  'agent-with-history': {
    about: "an agent that is given its parent's history, in the parent's second turn",
    configTables: firstSet,
    announced: 2,
    script: withHistory,
    steps: [exec('TASK-root first'), resumed('TASK-root second')],
  },
  'agent-with-history-v2': {
    about: 'the same with the second set of tools',
    configTables: secondSet,
    announced: 2,
    script: withHistory,
    steps: [exec('TASK-root first'), resumed('TASK-root second')],
  },
};

/** @param {string} prompt @returns {import('./scenario.mjs').Step} */
function resumed(prompt) {
  return {
    args: ({ lastThreadId }) => ['exec', '--skip-git-repo-check', 'resume', lastThreadId ?? '', prompt],
  };
}

/** @returns {import('./scenario.mjs').Step} */
function outlivingStep() {
  return {
    args: [],
    drive: async ({ codex, cwd, env, served }) => {
      const server = await startAppServer(codex, { cwd, env });
      const { thread } = await server.request('thread/start', { cwd });
      await server.request('turn/start', {
        threadId: thread.id,
        input: [{ type: 'text', text: 'TASK-root start somebody' }],
      });
      await server.seen('turn/completed');
      // alpha's second request is answered only after its command.
      for (let i = 0; i < 100 && served.length < 4; i += 1) await sleep(50);
      await sleep(700);
      await server.close();
    },
  };
}
