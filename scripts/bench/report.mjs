// @ts-check
import { FIGURES } from './figures.mjs';

/** @typedef {import('./results.mjs').Results} Results */

/** What changes by less between two runs of the same program on a busy machine. */
const NOISE = 0.1;

/** The results as two tables of Markdown. @param {Results} results @param {number} rounds */
export function tables({ node, machine, rows, figures }, rounds) {
  const base = rows.find(({ name }) => name === 'node -e 0')?.cpuMs;
  const goals = new Map(FIGURES.map(({ name, kind, goal }) => [name, { kind, goal }]));
  return [
    `Node ${node}, ${machine}, medians of ${rounds} rounds`,
    '',
    '| | CPU ms | × `node -e 0` | memory MB | on the clock ms | sent kB | requests |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(({ name, cpuMs, memoryMb, wallMs, bytes, requests }) =>
      row(
        name,
        cpuMs,
        base ? (cpuMs / base).toFixed(2) : '',
        memoryMb,
        wallMs,
        (bytes / 1000).toFixed(1),
        requests,
      ),
    ),
    '',
    '| | | goal |',
    '|---|---|---|',
    ...Object.entries(figures).map(([name, value]) => {
      const { kind = '', goal = '' } = goals.get(name) ?? {};
      return row(name, `${value} ${kind === 'times as much CPU' ? '' : kind}`.trim(), goal);
    }),
  ].join('\n');
}

/** @param {(string | number)[]} cells */
function row(...cells) {
  return `| ${cells.join(' | ')} |`;
}

/**
 * What has moved since an earlier run with the same line of Node, in words: figures, and the bytes that a
 * program sends. CPU times themselves are another machine's or another hour's.
 * @param {Results} now @param {Results} before
 */
export function comparison(now, before) {
  const moved = Object.entries(now.figures).flatMap(([name, value]) => {
    const was = before.figures[name];
    if (was === undefined || Math.abs(value - was) <= NOISE * Math.abs(was)) return [];
    return [`${name}: ${was} -> ${value} (${percent(value / was - 1)})`];
  });
  const sent = now.rows.flatMap(({ name, bytes }) => {
    const was = before.rows.find((earlier) => earlier.name === name)?.bytes;
    if (!was || Math.abs(bytes / was - 1) <= 0.01) return [];
    return [`${name}: sends ${was} -> ${bytes} bytes (${percent(bytes / was - 1)})`];
  });
  const lines = [...moved, ...sent];
  const title = `Against the table of Node ${before.node}`;
  return lines.length === 0
    ? `${title}: nothing has moved by more than ${NOISE * 100} %`
    : [`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** @param {number} share */
function percent(share) {
  return `${share > 0 ? '+' : ''}${Math.round(share * 100)} %`;
}
