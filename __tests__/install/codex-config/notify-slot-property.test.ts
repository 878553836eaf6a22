import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { planNotify, planNotifyRemoval } from '../../../src/commands/setup/plans/plan-notify.js';
import {
  clearNotifySlot,
  fillNotifySlot,
  readNotifySlot,
} from '../../../src/install/codex-config/notify-slot.js';
import { type NotifyRecord, parseSetupRecord } from '../../../src/install/setup-record.js';
import { tomlDocument } from './toml-document.js';

const toml = (text: string) => ({ ...parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: true }) });

/** A record as it comes back from setup.json. */
function stored(record: NotifyRecord | undefined): NotifyRecord | undefined {
  const text = JSON.stringify({ version: 1, tracing: [], notify: [record] });
  return parseSetupRecord(text).notify[0];
}

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
      { numRuns: 600 },
    );
    expect(Math.min(seen.empty, seen.taken)).toBeGreaterThan(60);
  });

  it('setup, written down and read again, then uninstall, gives the same bytes again', () => {
    const wish = { argv: ['mlflow-codex', 'notify-hook'], working: [], forwardExisting: true };
    fc.assert(
      fc.property(
        tomlDocument(),
        fc.constantFrom(wish.argv, ['node', '/x "y"/mlflow-codex.js', 'notify-hook']),
        (text, renewed) => {
          const file = { path: '/h/config.toml', backupFile: '/b', text, folderMissing: false };
          const first = planNotify(file, wish, undefined);
          // A second setup with another notifier renews the first one's.
          const second = planNotify(
            { ...file, text: first.edit?.after ?? '' },
            { ...wish, argv: renewed },
            stored(first.record),
          );
          expect(toml(second.edit?.after ?? '')).toEqual({ ...toml(text), notify: renewed });
          const removal = planNotifyRemoval(
            { ...file, text: second.edit?.after ?? '' },
            stored(second.record),
          );
          expect(removal?.edit?.after).toBe(text);
        },
      ),
      { numRuns: 400 },
    );
  });
});
