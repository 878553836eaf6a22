import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { COMMANDS, isCommandName } from '../src/help.js';
import type { SpanSpec } from '../src/spans/span-spec.js';
import { preparedTurns, recordings } from './turn/recordings.js';

const read = (file: string) => readFileSync(file, 'utf8');
const readme = read('README.md');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

/** The rows of the table under a heading row, cell by cell. */
function table(heading: string): string[][] {
  const lines = readme.slice(readme.indexOf(`\n${heading}`) + 1).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands between single backticks. */
const words = (text: string) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, word]) => word ?? '');

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('names commands and options that there are', () => {
    const blocks = [...text.matchAll(/^```[^\n]*\n(.*?)^```/gms)].flatMap(([, block = '']) =>
      block.split('\n'),
    );
    const code = [...words(text), ...blocks.map((line) => line.replace(/^\$ /, ''))];
    for (const line of code.flatMap((said) => said.split(/&&|;|\|/))) {
      const [, name = '', rest = ''] = /(?:^|[\s/])mlflow-codex(?:\.js)? ([a-z][\w-]*)(.*)$/.exec(line) ?? [];
      // `mlflow-codex in /home/ada`, and other words, are none of the command line.
      if (name === '' || (!isCommandName(name) && !line.trim().startsWith('mlflow-codex'))) continue;
      expect({ page, line, isCommand: isCommandName(name) || name === 'in' }).toMatchObject({
        isCommand: true,
      });
      if (!isCommandName(name)) continue;
      const options: Readonly<Record<string, unknown>> = COMMANDS[name].options;
      for (const [, option = ''] of rest.matchAll(/--([a-z-]+)/g))
        expect({ page, line, option, is: option in options || option === 'help' }).toMatchObject({
          is: true,
        });
    }
  });

  it('names npm scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json'));
    for (const [, name = ''] of text.matchAll(/\bnpm run ([a-z][\w:-]*)/g))
      expect(scripts).toHaveProperty([name]);
  });

  it('links to files that there are', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^\w+:/.test(target)) continue;
      const file = path.join(path.dirname(page), target);
      expect({ page, file, is: existsSync(file) }).toMatchObject({ is: true });
    }
  });
});

describe('README', () => {
  it('lists the commands, and every one that a person types', () => {
    const listed = table('| | |\n|---|---|\n| `mlflow-codex setup`').map(([cell = '']) => cell);
    const typed = Object.keys(COMMANDS).filter((name) => !name.endsWith('-hook'));
    expect(listed.sort()).toEqual(typed.map((name) => `\`mlflow-codex ${name}\``).sort());
  });

  it('lists the keys of the tracing config, those of the machine’s file aside', () => {
    const { properties } = JSON.parse(read('schema/mlflow-tracing.schema.json'));
    const keys = Object.keys(properties).filter((key) => key !== '$schema');
    const listed = table('| Key | |').flatMap(([cell = '']) => words(cell));
    expect([...listed, 'required'].sort()).toEqual(keys.sort());
    expect(readme).toContain('with `required` what nobody overrides');
  });

  it('lists the variables that the program reads, and no others', () => {
    const sources = readdirSync('src', { recursive: true }).map(String);
    const code = sources
      .flatMap((name) => (name.endsWith('.ts') ? [read(path.join('src', name))] : []))
      .join('\n');
    const inCode = code.matchAll(/(?:'|\benv\.)((?:MLFLOW|DATABRICKS)_[A-Z_]+)\b/g);
    const named = readme.matchAll(/\b(?:MLFLOW|DATABRICKS)_[A-Z_]+\b/g);
    // These are of MLflow's server, and of a word in Databricks' requests.
    const own = new Set(
      [...named].map(([name]) => name).filter((name) => name !== 'MLFLOW_MODEL_CATALOG_URI'),
    );
    expect([...own].sort()).toEqual(
      [...new Set([...inCode].map(([, name]) => name))].filter((name) => name !== 'MLFLOW_EXPERIMENT').sort(),
    );
  });
});

/** On which spans the table's second column says that an attribute is. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  all: ['root', 'AGENT', 'LLM', 'TOOL'],
  'all or most': ['root', 'AGENT', 'LLM', 'TOOL'],
  root: ['root', 'AGENT', 'LLM', 'TOOL'],
  AGENT: ['root', 'AGENT'],
  LLM: ['LLM'],
  'first LLM': ['LLM'],
  TOOL: ['TOOL'],
  'TOOL, LLM, AGENT': ['root', 'AGENT', 'LLM', 'TOOL'],
};

/** What no recording here has: a damaged, very large or announced turn does, one with secrets, skills, or a rate limit. */
const ELSEWHERE = [
  'codex.client',
  'codex.content.clipped_bytes',
  'codex.content.redacted',
  'codex.content.redacted_kinds',
  'codex.lines.skipped',
  'codex.rate_limit.primary.used_percent',
  'codex.rate_limit.secondary.used_percent',
  'codex.skills',
];

describe('README’s table of attributes', () => {
  const listed = table('| Attribute | On | |').flatMap(([names = '', on = '']) =>
    on === 'trace' ? [] : words(names).map((name) => ({ name, on })),
  );
  const kindOf = ({ attributes, parentSpanId }: SpanSpec) =>
    parentSpanId === undefined ? 'root' : String(attributes['mlflow.spanType']);
  const found = (async () => {
    const places = new Map<string, Set<string>>();
    for (const recording of recordings().filter(({ version }) => /^0\.(60|169|171)\./.test(version))) {
      for (const span of (await preparedTurns(recording)).flatMap(({ specs }) => specs)) {
        const events = (span.events ?? []).map(({ name }) => name);
        for (const name of [...Object.keys(span.attributes), ...events])
          places.set(name, (places.get(name) ?? new Set()).add(kindOf(span)));
      }
    }
    return places;
  })();
  const covers = (pattern: string, name: string) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

  it('says of each where it is', () => {
    for (const { name, on } of listed) expect({ name, on, is: on in PLACES }).toMatchObject({ is: true });
  });

  it('has every attribute of a span, at its place', async () => {
    const missing = [...(await found)].flatMap(([name, kinds]) => {
      const rows = listed.filter((row) => covers(row.name, name));
      const places = rows.flatMap(({ on }) => PLACES[on] ?? []);
      return [...kinds].filter((kind) => !places.includes(kind)).map((kind) => `${name} on ${kind}`);
    });
    expect(missing).toEqual([]);
  });

  it('has no attribute that no span has', async () => {
    const names = [...(await found).keys()];
    const unseen = listed.filter((row) => !names.some((name) => covers(row.name, name)));
    expect(unseen.map(({ name }) => name).sort()).toEqual([...ELSEWHERE].sort());
    const mapping = readdirSync('src/spans').map((name) => path.join('src/spans', name));
    const code = mapping.flatMap((file) => (file.endsWith('.ts') ? [read(file)] : [])).join('\n');
    for (const name of ELSEWHERE) expect(code).toContain(`'${name}'`);
  });
});

describe('CONTRIBUTING', () => {
  it('gives an example of a recording that overwrites none', () => {
    const [, scenario, version] =
      /record-fixture\.mjs (\S+) --codex-version (\S+)/.exec(read('CONTRIBUTING.md')) ?? [];
    const kept = recordings().filter((one) => one.version === version && one.scenario === scenario);
    expect(kept).toEqual([]);
  });
});
