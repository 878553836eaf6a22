import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

/**
 * The rooms of the house, from the street to the cellar. An import goes down this list and never up;
 * ARCHITECTURE.md says what lives where. The files right below `src` are the entries.
 */
const rooms = [
  'entry',
  'commands',
  'terminal',
  'delivery/live',
  'delivery/announced',
  'delivery/pass',
  'delivery/overview',
  'delivery/run',
  'delivery/sending',
  'delivery/sending/prepared',
  'delivery/recording',
  'delivery/store',
  'delivery/store/lock',
  'databricks',
  'databricks/trace',
  'otlp',
  'spans',
  'spans/texts',
  'spans/redaction',
  'spans/redaction/finders',
  'spans/redaction/forms',
  'spans/redaction/values',
  'spans/redaction/search',
  'turn',
  'codex',
  'codex/reading',
  'codex/recordings',
  'codex/segments',
  'codex/lines',
  'mlflow',
  'settings',
  'settings/files',
  'install',
  'platform',
  'platform/process',
  'platform/files',
  'platform/problems',
];

const src = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  file: string;
  /** The imported source below `src`, or the name of a package. */
  from: string;
  isOwn: boolean;
}

const imports = sourceFiles().flatMap(importsOf);

test('no arrow goes back', () => {
  const up = imports
    .filter(({ isOwn }) => isOwn)
    .filter(({ file, from }) => level(from) < level(file))
    .map(({ file, from }) => `${file} -> ${from}`);
  expect(up).toEqual([]);
});

test('no file comes back to itself', () => {
  const next = new Map<string, string[]>();
  for (const { file, from, isOwn } of imports) if (isOwn) next.set(file, [...(next.get(file) ?? []), from]);
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
    if (done.has(file) || way.includes(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...way, file]);
    done.add(file);
  };
  for (const file of sourceFiles()) walk(file, []);
  expect(circles).toEqual([]);
});

test('a room has no more than fifteen files', () => {
  const sizes = new Map<string, number>();
  for (const folder of sourceFiles().map(path.posix.dirname)) sizes.set(folder, (sizes.get(folder) ?? 0) + 1);
  expect([...sizes].filter(([, files]) => files > 15)).toEqual([]);
});

describe('turn and spans are pure', () => {
  const pure = sourceFiles().filter((name) => /^(turn|spans)\//.test(name));

  test('they import no node module and no SDK, only the names of the conventions', () => {
    const strangers = imports
      .filter(({ file, isOwn }) => pure.includes(file) && !isOwn)
      .filter(({ from }) => !from.startsWith('@opentelemetry/semantic-conventions'));
    expect(strangers).toEqual([]);
  });

  test('they know no process, no clock, no chance, no console', () => {
    for (const file of pure) {
      const found = code(file).match(
        /\bprocess\b|Date\.now|new Date\(\)|Math\.random|console\.|performance\./,
      );
      expect([file, found]).toEqual([file, null]);
    }
  });
});

test.each([
  ['only the terminal room prompts', /^@clack\//, 'terminal'],
  ['the SDK is known to otlp alone', /^@opentelemetry\/(?!semantic-conventions)/, 'otlp'],
])('%s', (_, packages, room) => {
  const users = imports.filter(({ from, isOwn }) => !isOwn && packages.test(from)).map(({ file }) => file);
  expect(new Set(users.map(roomOf))).toEqual(new Set([room]));
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
    /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/g,
  );
  return [...statements].map(([, fixed = '', lazy]) => {
    const target = lazy ?? fixed;
    if (!target.startsWith('.')) return { file, from: target, isOwn: false };
    const from = path.posix.join(path.posix.dirname(file), target).replace(/\.js$/, '.ts');
    return { file, from, isOwn: true };
  });
}

/** The longest room that a file lies in: `commands/setup` is part of `commands`. */
function roomOf(file: string): string {
  const folder = path.posix.dirname(file);
  if (folder === '.') return 'entry';
  const found = rooms.filter((room) => folder === room || folder.startsWith(`${room}/`));
  return found.sort((a, b) => b.length - a.length)[0] ?? `no room for ${file}`;
}

function level(file: string): number {
  return rooms.indexOf(roomOf(file));
}

/** A source without its comments, in which rooms may be named. */
function code(file: string): string {
  return readFileSync(path.join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/[^\n]*/g, '$1');
}
