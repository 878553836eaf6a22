// @ts-check
/**
 * Scenarios about the tools a model calls.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  code,
  isCodeMode,
  mcpCall,
  parallelShellCalls,
  patchCall,
  planCall,
  round,
  shellCall,
  toolOutputs,
} from '../request-reading.mjs';
import { functionCall, message, webSearch } from '../response-items.mjs';
import { exec } from './scenario.mjs';

/** @typedef {import('./scenario.mjs').Scenario} Scenario */

const mcpServer = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'mcp-server.mjs');
const mcpConfig = `[mcp_servers.labmcp]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(mcpServer)}]\n`;
const ticks = 'for i in 1 2 3 4 5 6; do echo tick $i; sleep 0.4; done';

/** @satisfies {Record<string, Scenario>} */
export const toolScenarios = {
  shell: {
    about: 'one command, then the answer',
    script: (body) =>
      round(body) === 0
        ? { items: [shellCall(body, 'echo one-tool; pwd')] }
        : { items: [message('The command printed one-tool.')] },
    steps: [exec('run echo')],
  },
  parallel: {
    about: 'a comment, three commands at once, one more, the answer',
    script: (body) => {
      if (round(body) === 0) {
        const commands = ['sleep 0.5; echo A', 'sleep 0.3; echo B', 'echo C'];
        const comment = message('I will look at three things.', 'commentary');
        return { items: [comment, ...parallelShellCalls(body, commands)] };
      }
      if (round(body) === 1) return { items: [shellCall(body, 'echo second-round')] };
      return { items: [message('A, B, C and second-round.', 'final_answer')] };
    },
    steps: [exec('run three commands in parallel')],
  },
  'failing-commands': {
    about: 'a command that does not exist, one that exits with 1, a tool that does not exist',
    script: (body) => {
      if (round(body) === 0) return { items: [shellCall(body, 'no_such_command_xyz --flag')] };
      if (round(body) === 1) return { items: [shellCall(body, 'echo to-stderr >&2; exit 1')] };
      if (round(body) === 2) return { items: [functionCall('no_such_tool', { a: 1 })] };
      return { items: [message('All three failed.')] };
    },
    steps: [exec('run failing commands')],
  },
  'calls-apart': {
    about:
      'two commands of one response, with words before and after the second: the first has ended by then',
    script: (body) =>
      round(body) === 0
        ? {
            chunkDelayMs: 15,
            items: [
              shellCall(body, 'echo first'),
              message(`First ${'and then '.repeat(100)}second.`),
              shellCall(body, 'sleep 0.2; echo second'),
              message(`Second ${'and then '.repeat(100)}over.`),
            ],
          }
        : { items: [message('Both were run.')] },
    steps: [exec('run one command, then another')],
  },
  'apply-patch': {
    about: 'a patch that changes, adds and deletes files, then one that does not fit',
    prepare: (cwd) => {
      writeFileSync(path.join(cwd, 'a.txt'), 'old line\nkeep\n');
      writeFileSync(path.join(cwd, 'gone.txt'), 'bye\n');
    },
    script: (body) => {
      if (round(body) === 0) {
        const update = ['*** Update File: a.txt', '@@', '-old line', '+new line', ' keep'];
        const others = ['*** Add File: dir/b.txt', '+hello', '*** Delete File: gone.txt'];
        return { items: [patchCall(body, [...update, ...others])] };
      }
      if (round(body) === 1) {
        const missing = ['*** Update File: a.txt', '@@', '-this line is not there', '+x'];
        return { items: [patchCall(body, missing)] };
      }
      return { items: [message('Edited a.txt.')] };
    },
    steps: [exec('edit a.txt')],
  },
  'update-plan': {
    about: 'a plan, and the plan one step on',
    // Off by default since Codex 0.152.
    configTables: '[tools.update_plan]\nenabled = true\n',
    script: (body) => {
      /** @param {string} look @param {string} edit */
      const plan = (look, edit) => ({
        explanation: `look is ${look}`,
        plan: [
          { step: 'look', status: look },
          { step: 'edit', status: edit },
        ],
      });
      if (round(body) === 0) return { items: [planCall(body, plan('in_progress', 'pending'))] };
      if (round(body) === 1) return { items: [planCall(body, plan('completed', 'in_progress'))] };
      return { items: [message('Planned.')] };
    },
    steps: [exec('make a plan')],
  },
  mcp: {
    about: 'two tools of an MCP server, the second of which fails',
    configTables: mcpConfig,
    script: (body) => {
      if (round(body) === 0) return { items: [mcpCall(body, 'labmcp', 'add', { a: 2, b: 40 })] };
      if (round(body) === 1) return { items: [mcpCall(body, 'labmcp', 'boom', {})] };
      return { items: [message('The sum is 42; boom failed.')] };
    },
    steps: [exec('add 2 and 40')],
  },
  'mcp-picture': {
    about: "an MCP server's tool that answers with a picture, as a part and in its structured content",
    configTables: mcpConfig,
    script: (body) =>
      round(body) === 0
        ? { items: [mcpCall(body, 'labmcp', 'draw', {})] }
        : { items: [message('A red square.')] },
    steps: [exec('draw it')],
  },
  'web-search': {
    about: "a search by the provider's own tool, in the same response as the answer",
    script: () => ({ items: [webSearch('weather in Bern'), message('Sunny.')] }),
    steps: [exec('-c', 'web_search="live"', 'search the web')],
  },
  'git-shell': {
    about: 'a repository with a remote that holds credentials, and an AGENTS.md',
    prepare: (cwd) => {
      writeFileSync(path.join(cwd, 'AGENTS.md'), '# be nice\n');
      makeRepository(cwd);
    },
    script: (body) =>
      round(body) === 0
        ? { items: [shellCall(body, 'git log --oneline')] }
        : { items: [message('one commit')] },
    steps: [exec('log')],
  },
  'background-shell': {
    about: 'a command that is left running, and a second call that waits for its end',
    script: (body) => {
      if (round(body) === 0) {
        const start = { cmd: ticks, yield_time_ms: 500 };
        return {
          items: [
            isCodeMode(body)
              ? code(
                  `const r = await tools.exec_command(${JSON.stringify({ ...start, tty: true })});\ntext(r); store("sid", r.session_id);`,
                )
              : functionCall('exec_command', start),
          ],
        };
      }
      if (round(body) === 1) {
        const wait = { chars: '', yield_time_ms: 6000 };
        if (isCodeMode(body)) {
          const source = `text(await tools.write_stdin({ session_id: load("sid"), ...${JSON.stringify(wait)} }));`;
          return { items: [code(source)] };
        }
        const output = JSON.stringify(toolOutputs(body).at(-1)?.output);
        const session = Number(output.match(/session ID (\d+)/)?.[1] ?? 0);
        return { items: [functionCall('write_stdin', { session_id: session, ...wait })] };
      }
      return { items: [message('ticks done')] };
    },
    steps: [exec('run ticks')],
  },
  'long-output': {
    about: 'a command that prints 1.8 MB',
    script: (body) =>
      round(body) === 0
        ? {
            items: [
              shellCall(body, 'for i in $(seq 1 60000); do echo "line $i of a very long output"; done'),
            ],
          }
        : { items: [message('It printed 60000 lines.')] },
    steps: [exec('print a lot')],
  },
};

/**
 * Makes `cwd` a repository with one commit, whose remote's URL holds a password.
 * @param {string} cwd
 */
export function makeRepository(cwd) {
  /** @param {...string} args */
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=lab', '-c', 'user.email=lab@example.invalid', ...args], {
      cwd,
      stdio: 'ignore',
    });
  git('init', '-q', '-b', 'main');
  writeFileSync(path.join(cwd, 'f.js'), 'let a = 1\n');
  git('add', '.');
  git('commit', '-q', '-m', 'one');
  git('remote', 'add', 'origin', 'https://user:tok@example.invalid/lab/repo.git');
}
