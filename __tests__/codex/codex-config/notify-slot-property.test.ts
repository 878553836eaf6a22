import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import {
  clearNotifySlot,
  fillNotifySlot,
  readNotifySlot,
} from '../../../src/codex/codex-config/notify-slot.js';
import { tomlDocument } from './toml-document.js';

const toml = (text: string) => ({ ...parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: true }) });

describe('over generated TOML', () => {
  it('filling the slot changes notify alone, and clearing it gives the same bytes again', () => {
    const seen = { empty: 0, taken: 0 };
    fc.assert(
      fc.property(
        tomlDocument(),
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
        (text, argv) => {
          const { notify, ...others } = toml(text);
          seen[notify === undefined ? 'empty' : 'taken'] += 1;
          const filled = fillNotifySlot(text, 'f', argv);
          expect(toml(filled.text)).toEqual({ ...others, notify: argv });
          expect(readNotifySlot(text, 'f').kind === 'empty').toBe(notify === undefined);
          expect(clearNotifySlot(filled.text, 'f', filled)).toBe(text);
        },
      ),
      { numRuns: 2000 },
    );
    expect(Math.min(seen.empty, seen.taken)).toBeGreaterThan(200);
  });
});
