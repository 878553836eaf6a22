import { stripVTControlCharacters } from 'node:util';
import type { SpanSpec } from '../spans/span-spec.js';

/** What stands in the place of something that does not leave: a secret, bytes that were cut, messages. */
const GONE = /\[REDACTED:[\w#-]+\]|\[… [^\]]{1,120} by mlflow-codex …\]/g;
const RED = 31;
const BOLD = 1;
const DIM = 2;

/**
 * Every span of a trace with every value that would leave, in full; marks of what was taken out stand
 * out in colour. JSON is broken into lines for reading; `--json` has each value as it is sent. Pure.
 */
export function renderAsSent(specs: readonly SpanSpec[], options: { readonly colors: boolean }): string {
  const paint = (code: number, text: string) => (options.colors ? `\u001b[${code}m${text}\u001b[0m` : text);
  const valueText = (value: unknown) => plain(value).replace(GONE, (mark) => paint(RED, mark));
  const rows = (entries: readonly (readonly [string, unknown])[]) =>
    entries.map(
      ([key, value]) => `  ${paint(DIM, plain(key))} = ${valueText(value).replaceAll('\n', '\n    ')}`,
    );
  return specs
    .flatMap(({ name, attributes, status, events }) => [
      paint(BOLD, plain(name)),
      ...rows(Object.entries(attributes)),
      ...(status.code === 'ERROR' ? rows([['status', `ERROR ${status.message}`]]) : []),
      ...events.flatMap((event) =>
        rows(Object.entries(event.attributes).map(([key, value]) => [`${event.name}: ${key}`, value])),
      ),
      '',
    ])
    .join('\n');
}

/** A value as text: JSON in lines, and nothing that a terminal would obey. */
function plain(value: unknown): string {
  const text = typeof value === 'string' ? inLines(value) : String(value);
  return stripVTControlCharacters(text).replace(/(?![\n\t])\p{Cc}/gu, '\uFFFD');
}

function inLines(text: string): string {
  if (!/^[{[]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
