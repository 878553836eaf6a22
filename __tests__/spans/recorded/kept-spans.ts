import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { PreparedTurn } from '../../../src/delivery/sending/prepared/prepare-turn.js';
import { Redactor } from '../../../src/spans/redaction/redactor.js';
import { preparedTurns, type Recording, recordings } from '../../turn/recordings.js';
import { noteBriefly, noteRecording, readUsual } from './span-notation.js';

/**
 * Compares all spans of a Codex's recordings, with everything they have, with the text that is kept of them in
 * `fixtures/spans`. A difference is a change of what people see in MLflow: meant, or a defect.
 * @param folder such as `0.169.0-code-mode`
 */
export function expectKeptSpans(folder: string): void {
  const all = recordings().filter(({ name }) => name.startsWith(`${folder}/`));
  const [head = '', ...texts] = readFileSync(keptFile(folder), 'utf8').split(/^== /m);
  const usual = readUsual(head);

  describe(`the spans of ${folder}`, () => {
    test('are kept of each recording', () => {
      expect(texts.map((text) => text.split(/[\s,]/)[0])).toEqual(all.map(({ scenario }) => scenario));
    });

    test.each(all.map((recording) => [recording.scenario, recording] as const))(
      '%s',
      async (_, recording) => {
        const text = texts.find((one) => one.split(/[\s,]/)[0] === recording.scenario) ?? '';
        const [title = ''] = text.split('\n');
        const sent = await asSent(recording);
        const spans = title.includes(IN_BRIEF) ? noteBriefly(sent) : noteRecording(sent, usual);
        expect(`${title}\n${spans}`.trimEnd()).toBe(text.trimEnd());
      },
    );
  });
}

/** Stands in the title of a recording that is kept in brief, before the name of the one that looks the same. */
export const IN_BRIEF = ', in brief: as ';

/** The file in which the spans of a folder's recordings are kept. */
export function keptFile(folder: string): string {
  return fileURLToPath(new URL(`../../fixtures/spans/${folder}.txt`, import.meta.url));
}

/** As by default, with secrets taken out, for a user with a tag of his own whose caller has told its span. */
export function asSent(recording: Recording): Promise<PreparedTurn[]> {
  const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
  const policy = { mode: 'full', redactor: new Redactor(), maxContentBytes: 65_536 } as const;
  return preparedTurns(recording, policy, { userId: 'dev', tags: { team: 'lab' }, caller });
}
