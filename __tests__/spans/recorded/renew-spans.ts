import { writeFileSync } from 'node:fs';
import { test } from '@jest/globals';
import { type Recording, recordings } from '../../turn/recordings.js';
import { asSent, IN_BRIEF, keptFile } from './kept-spans.js';
import { noteBriefly, noteRecording, noteUsual, shapeOf, usualOf } from './span-notation.js';

/**
 * `npm run renew:spans`: writes `fixtures/spans` anew, from the newest Codex back. The spans of a recording that look
 * as those of the same scenario in a newer version, but for ids, times and values, are kept in brief.
 */
test('the spans of all recordings are written', async () => {
  const shapes = new Map<string, string>();
  const all = byFolder(recordings());
  for (const [folder, own] of [...all].reverse())
    writeFileSync(keptFile(folder), await noteFolder(own, shapes));
}, 600_000);

async function noteFolder(own: readonly Recording[], shapes: Map<string, string>): Promise<string> {
  const sent = await Promise.all(own.map(asSent));
  const usual = usualOf(sent);
  const sections = own.map(({ name, scenario }, index) => {
    const spans = sent[index] ?? [];
    const shape = `${scenario} ${shapeOf(spans)}`;
    const same = shapes.get(shape);
    if (same !== undefined) return `== ${scenario}${IN_BRIEF}${same}\n${noteBriefly(spans)}\n`;
    shapes.set(shape, name);
    return `== ${scenario}\n${noteRecording(spans, usual)}\n`;
  });
  return [noteUsual(usual), ...sections].join('\n');
}

function byFolder(all: readonly Recording[]): Map<string, Recording[]> {
  const folders = new Map<string, Recording[]>();
  for (const recording of all) {
    const folder = `${recording.version}-${recording.mode}`;
    folders.set(folder, [...(folders.get(folder) ?? []), recording]);
  }
  return folders;
}
