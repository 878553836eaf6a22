import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Served } from '../../scripts/lab/responses-api.mjs';
import { readTurns } from '../../src/codex/reading/read-turns.js';
import { type PreparedTurn, prepareTurn } from '../../src/delivery/sending/prepared/prepare-turn.js';
import type { ContentPolicy } from '../../src/spans/content.js';
import type { TraceOptions } from '../../src/spans/span-context.js';
import { assembleTurn } from '../../src/turn/assemble-turn.js';

/** A recording of the real Codex: one scenario played by one version in one tool mode. */
export interface Recording {
  /** `0.169.0-code-mode/shell` */
  name: string;
  version: string;
  mode: 'classic' | 'code-mode';
  scenario: string;
  folder: string;
  /** The rollout files, in the order their threads began. */
  rollouts: string[];
  /** What the scripted model served, in order. */
  served: Served[];
  /** The payloads of the notifier, in order. */
  notify: { [key: string]: unknown }[];
}

const root = fileURLToPath(new URL('../fixtures/rollouts', import.meta.url));

/** Everything is sent, as it is: the tests compare with what was served. */
export const openPolicy: ContentPolicy = { mode: 'full', redactor: undefined, maxContentBytes: 65_536 };

/** All recordings, by version and scenario. */
export function recordings(): Recording[] {
  return readdirSync(root)
    .sort(byVersion)
    .flatMap((folder) => readdirSync(path.join(root, folder)).map((scenario) => load(folder, scenario)));
}

/** The recordings of a scenario, oldest Codex first. */
export function recordingsOf(scenario: string): Recording[] {
  return readdirSync(root)
    .sort(byVersion)
    .filter((folder) => readdirSync(path.join(root, folder)).includes(scenario))
    .map((folder) => load(folder, scenario));
}

/** @param name such as `0.169.0-code-mode/shell` */
export function recording(name: string): Recording {
  const [folder = '', scenario = ''] = name.split('/');
  return load(folder, scenario);
}

/**
 * Every turn of a recording as it would be sent, thread by thread, with the spans in their place.
 * @param policy what of the content is sent
 * @param options what is said of all of them
 */
export async function preparedTurns(
  { folder, rollouts }: Recording,
  policy: ContentPolicy = openPolicy,
  options: TraceOptions = { userId: 'dev', tags: {} },
): Promise<PreparedTurn[]> {
  return withCodexHome(folder, async (codexHome) => {
    const prepared = [];
    for (const rollout of rollouts) {
      for await (const { segment, meta } of readTurns(rollout)) {
        const turn = assembleTurn(segment, meta);
        prepared.push(await prepareTurn(turn, meta, codexHome, options, policy));
      }
    }
    return prepared;
  });
}

/** Runs with a Codex home in which a fixture's files are the recordings. */
export async function withCodexHome<T>(folder: string, use: (codexHome: string) => Promise<T>): Promise<T> {
  const codexHome = mkdtempSync(path.join(os.tmpdir(), 'mlflow-codex-home-'));
  try {
    symlinkSync(folder, path.join(codexHome, 'archived_sessions'), 'dir');
    return await use(codexHome);
  } finally {
    rmSync(codexHome, { recursive: true });
  }
}

function load(versionAndMode: string, scenario: string): Recording {
  const [, version = '', mode = ''] = versionAndMode.match(/^([\d.]+)-(.*)$/) ?? [];
  const folder = path.join(root, versionAndMode, scenario);
  const files = readdirSync(folder).sort();
  return {
    name: `${versionAndMode}/${scenario}`,
    version,
    mode: mode as Recording['mode'],
    scenario,
    folder,
    rollouts: files.filter((file) => file.startsWith('rollout-')).map((file) => path.join(folder, file)),
    served: JSON.parse(readFileSync(path.join(folder, 'served.json'), 'utf8')),
    notify: JSON.parse(readFileSync(path.join(folder, 'notify.json'), 'utf8')),
  };
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
