import { findChildThreads } from '../../codex/family/find-children.js';
import { readWholeTurns } from '../../codex/reading/late-items.js';
import type { RecordedTurn } from '../../codex/reading/read-turns.js';
import { findRecordings } from '../../codex/recordings/find-rollout.js';
import { type PreparedTurn, prepareTurn } from '../../delivery/sending/prepared/prepare-turn.js';
import { codexHome } from '../../platform/files/folders.js';
import { UsageError } from '../../platform/problems/usage-error.js';
import { UserError } from '../../platform/problems/user-error.js';
import type { SpanSpec } from '../../spans/span-spec.js';
import type { CommandIo } from '../../terminal/io.js';
import { parseOptions } from '../../terminal/options.js';
import { renderAsSent } from '../../terminal/render-as-sent.js';
import { renderTrace } from '../../terminal/render-trace.js';
import { terminalSize } from '../../terminal/terminal-size.js';
import { assembleTurn } from '../../turn/assemble-turn.js';
import { type ChosenRecording, chooseRecording } from './choose-recording.js';
import { followTurn } from './follow-turn.js';
import { homeOfRecording } from './home-of-recording.js';
import { SHOW_OPTIONS } from './show-options.js';
import { policyAsSaid, policyAsSent } from './show-policy.js';

/**
 * Shows turns of a recording as the traces they become, from the recording alone, without any server:
 * as they were said, or with `--as-sent` what would leave, under the settings of each turn's folder. Where
 * no recording is named, a person chooses one, or it is the newest.
 * @returns the exit code
 */
export async function runShow(argv: string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseOptions(argv, SHOW_OPTIONS, { allowPositionals: true });
  if (positionals.length > 1) throw new UsageError('show takes one thread or file');
  const wanted = readTurnOption(values.turn);
  if (values.follow && wanted.kind !== 'last') throw new UsageError('--follow shows the last turn');
  const ownHome = codexHome(io.env, io.homeDir);
  const asks = io.isTTY && !values.json;
  const chosen = await chooseRecording({ named: positionals[0], codexHome: ownHome, asks }, io);
  const { path: file, key } = chosen.last;
  const home = homeOfRecording(file) ?? ownHome;
  const prepare = async (turn: RecordedTurn) => {
    const assembled = assembleTurn(turn.segment, turn.meta);
    const how = values['as-sent']
      ? await policyAsSent(assembled.cwd ?? io.cwd, ownHome, io)
      : policyAsSaid(io);
    if (how.kind === 'nothing leaves')
      throw new UserError(`Nothing of it would leave: ${how.reason}`, REMEDY);
    return prepareTurn(assembled, turn.meta, home, how.options, how.policy);
  };
  const { columns } = terminalSize(io.stdout);
  const render = (specs: readonly SpanSpec[], title: string) =>
    renderTrace(specs, { colors: io.colors, columns, title });
  if (values.follow)
    await followTurn(file, io, {
      prepare: async (turn) => (await withAgents(await prepare(turn), home, prepare)).specs,
      render: (specs) => render(specs, key),
    });
  const turns = await collect(chosen, wanted);
  const prepared: PreparedTurn[] = [];
  for (const turn of turns) prepared.push(await withAgents(await prepare(turn), home, prepare));
  if (values.json) {
    io.stdout.write(
      `${JSON.stringify({ file, turns: prepared.map((p) => ({ outcome: p.turn.outcome, spans: p.specs })) }, null, 2)}\n`,
    );
    return 0;
  }
  for (const { turn, specs } of prepared) {
    io.stdout.write(`${render(specs, turn.threadId)}\n`);
    if (values['as-sent']) io.stdout.write(`${renderAsSent(specs, { colors: io.colors })}\n`);
  }
  if (!values['as-sent'])
    io.stderr.write('Shown as it was said. What would leave the machine: mlflow-codex show --as-sent\n');
  return 0;
}

const REMEDY = 'mlflow-codex status says what counts in a folder';

type WantedTurns = { kind: 'last' } | { kind: 'all' } | { kind: 'number'; number: number };

function readTurnOption(value: string): WantedTurns {
  if (value === 'last' || value === 'all') return { kind: value };
  if (/^[1-9]\d*$/.test(value)) return { kind: 'number', number: Number(value) };
  throw new UsageError(`--turn takes a number from 1, last or all, not ${JSON.stringify(value)}`);
}

async function collect({ recordings, last }: ChosenRecording, wanted: WantedTurns): Promise<RecordedTurn[]> {
  const turns: RecordedTurn[] = [];
  let count = 0;
  for (const { path: file } of recordings) {
    for await (const turn of readWholeTurns(file)) {
      count++;
      if (wanted.kind === 'last') turns.length = 0;
      if (wanted.kind !== 'number' || wanted.number === count) turns.push(turn);
    }
  }
  if (turns.length > 0) return turns;
  const file = last.path;
  throw new UserError(
    wanted.kind === 'number'
      ? `${file} has no turn ${wanted.number}: its thread has ${count}`
      : `${file} has no turn yet`,
    'Try --turn last, or another recording',
  );
}

/**
 * Adds the turns of the subagents that a turn started, of the reviewers that judged its calls, and of
 * theirs, as they will stand in its trace.
 * @param seen turns that are there already
 */
async function withAgents(
  prepared: PreparedTurn,
  home: string,
  prepare: (turn: RecordedTurn) => Promise<PreparedTurn>,
  seen: Set<string> = new Set(),
): Promise<PreparedTurn> {
  const { turn, specs } = prepared;
  seen.add(keyOf(prepared));
  const children = await findChildThreads(home, turn.threadId, turn.startMs);
  const agents = [
    ...turn.subAgents.map((link) => link.agentThreadId),
    ...children.map((one) => one.threadId),
  ];
  const all = [...specs];
  for (const threadId of new Set(agents)) {
    for (const { path: file } of findRecordings(home, threadId)) {
      for await (const recorded of readWholeTurns(file)) {
        const child = await prepare(recorded);
        // An agent lives on: its later turns may belong to later turns of the user's.
        if (child.traceId !== prepared.traceId || seen.has(keyOf(child))) continue;
        all.push(...(await withAgents(child, home, prepare, seen)).specs);
      }
    }
  }
  return { ...prepared, specs: all };
}

function keyOf({ turn: { threadId, turnId, startMs } }: PreparedTurn): string {
  return `${threadId} ${turnId} ${startMs}`;
}
