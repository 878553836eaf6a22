import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

/**
 * The rooms of the house, by their import lines. The way of the data is one line,
 * cli -> commands -> delivery -> {codex -> turn -> spans} -> otlp, and no arrow goes back.
 *
 * What that means here, exactly:
 * - `turn` and `spans` are pure: no node module, no SDK, no clock, no chance. Of `codex` they see its
 *   words (the types of `rollout-event`) and `json-shape`, which is as pure as they are.
 * - `codex` reads files and cuts them into turns on the way, so that no session need fit in memory:
 *   it calls `turn/split-turns` and `turn/uuid-time`, and nothing else of later rooms.
 * - `otlp` sees the types of what it sends and where to, and opens its connections as `config` does.
 * - `config` stands beside the line, as do Codex's own settings in `codex/codex-config` and its program
 *   in `codex/codex-cli`: these two may know each other. What reads recordings knows no settings.
 * - `cli` is both ends: `run-cli` and `main` call the commands, and the commands speak to a person
 *   through the rest of it (prompts, words, io).
 */
const src = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  file: string;
  room: string;
  from: string;
  /** The room of an import from our own sources. */
  target?: string;
  isTypeOnly: boolean;
}

const imports = sourceFiles().flatMap(importsOf);

describe('turn and spans', () => {
  const pure = imports.filter(({ room }) => room === 'turn' || room === 'spans');

  test('import nothing but each other, Codex’s words, and the names of the conventions', () => {
    const strangers = pure.filter(
      ({ from, target }) =>
        !from.startsWith('@opentelemetry/semantic-conventions') &&
        !(target === 'turn' || target === 'spans') &&
        !/\/codex\/(rollout-event|json-shape)\.js$/.test(from),
    );
    expect(strangers).toEqual([]);
  });

  test('know no process, no clock, no chance, no console', () => {
    for (const file of sourceFiles().filter((name) => /^(turn|spans)\//.test(name))) {
      expect([
        file,
        code(file).match(/\bprocess\b|Date\.now|new Date\(\)|Math\.random|console\.|performance\./),
      ]).toEqual([file, null]);
    }
  });

  test('turn knows nothing of spans', () => {
    expect(pure.filter(({ room, target }) => room === 'turn' && target === 'spans')).toEqual([]);
  });
});

describe('no arrow goes back', () => {
  const allowed: { [room: string]: string[] } = {
    codex: ['codex', 'turn', 'config'],
    turn: ['turn', 'codex'],
    spans: ['spans', 'turn', 'codex'],
    otlp: ['otlp', 'spans', 'config'],
    config: ['config', 'codex'],
    delivery: ['delivery', 'codex', 'turn', 'spans', 'otlp', 'config'],
    commands: ['commands', 'delivery', 'codex', 'turn', 'spans', 'otlp', 'config', 'cli'],
  };

  test.each(Object.keys(allowed))('from %s', (room) => {
    const wrong = imports.filter(
      (one) => one.room === room && one.target !== undefined && !allowed[room]?.includes(one.target),
    );
    expect(wrong).toEqual([]);
  });

  test('from codex into turn, but to cut files into turns', () => {
    const into = imports.filter(({ room, target }) => room === 'codex' && target === 'turn');
    expect(into.filter(({ from }) => !/\/turn\/(split-turns|uuid-time)\.js$/.test(from))).toEqual([]);
  });

  test('from what reads recordings into settings', () => {
    const settings = /^codex\/(codex-config\/|codex-cli\.ts)/;
    const into = imports.filter(({ room, target }) => room === 'codex' && target === 'config');
    expect(into.filter(({ file }) => !settings.test(file))).toEqual([]);
  });

  test('from the commands into what calls them', () => {
    const into = imports.filter(({ room, target }) => room === 'commands' && target === 'cli');
    expect(into.filter(({ from }) => /\/cli\/(run-cli|main|help)\.js$/.test(from))).toEqual([]);
  });

  test('from otlp into earlier rooms, but for types and how a connection is opened', () => {
    const into = imports.filter(
      ({ room, target }) => room === 'otlp' && target !== undefined && target !== 'otlp',
    );
    const others = into.filter(({ from }) => from !== '/config/connection-agent.js');
    expect(others.filter(({ isTypeOnly }) => !isTypeOnly)).toEqual([]);
  });
});

test('only the command line prompts', () => {
  const prompting = imports.filter(({ from }) => from.startsWith('@clack/'));
  expect(prompting.filter(({ room }) => room !== 'cli')).toEqual([]);
  expect(prompting).not.toEqual([]);
});

test('the SDK is known to otlp alone', () => {
  const sdk = imports.filter(
    ({ from }) =>
      from.startsWith('@opentelemetry/') && !from.startsWith('@opentelemetry/semantic-conventions'),
  );
  expect(sdk.filter(({ room }) => room !== 'otlp')).toEqual([]);
  expect(sdk).not.toEqual([]);
});

/** All sources by their path below `src`. */
function sourceFiles(): string[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('.ts'))
    .sort();
}

function importsOf(file: string): Import[] {
  const statements = code(file).matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/g,
  );
  return [...statements].map(([, type, from = '', dynamic]) => {
    const target = dynamic ?? from;
    const own = target.startsWith('.')
      ? roomOf(path.posix.join(path.posix.dirname(file), target))
      : undefined;
    return {
      file,
      room: roomOf(file),
      from: target.startsWith('.') ? `/${path.posix.join(path.posix.dirname(file), target)}` : target,
      ...(own === undefined ? {} : { target: own }),
      isTypeOnly: type !== undefined,
    };
  });
}

/** The first folder; files right below `src` stand before all rooms. */
function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : 'main';
}

/** A source without its comments, in which rooms may be named. */
function code(file: string): string {
  return readFileSync(path.join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/[^\n]*/g, '$1');
}
