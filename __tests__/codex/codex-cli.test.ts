import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findCodexCli, ignoresProjectNotify } from '../../src/codex/codex-cli.js';
import { Workbench } from '../commands/workbench.js';

describe('findCodexCli', () => {
  let bench: Workbench;
  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.remove());

  it('finds codex on the PATH and asks for its version, whatever else it says', async () => {
    expect(await findCodexCli({ PATH: bench.bin })).toBeUndefined();
    const file = `${bench.bin}/codex`;
    bench.script('codex', 'echo "WARNING: no PATH aliases" >&2; echo codex-cli 0.169.0');
    expect(await findCodexCli(bench.env)).toEqual({ file, version: '0.169.0' });
    bench.script('codex', 'echo codex-cli 0.170.0-alpha.3');
    expect(await findCodexCli(bench.env)).toEqual({ file, version: '0.170.0-alpha.3' });
    bench.script('codex', 'exit 1');
    expect(await findCodexCli(bench.env)).toEqual({ file });
  });

  it('looks in folders that are named in full only', async () => {
    bench.script('codex', 'echo codex-cli 0.169.0');
    expect(await findCodexCli({ PATH: `:.:${bench.home}` })).toBeUndefined();
  });
});

describe('ignoresProjectNotify', () => {
  it.each([
    ['0.60.1', true],
    ['0.79.0', true],
    ['0.80.0', false],
    ['0.128.0', false],
    ['0.129.9', false],
    ['0.130.0', true],
    ['0.130.0-alpha.1', true],
    ['0.169.0', true],
    ['1.0.0', true],
    [undefined, undefined],
    ['nightly', undefined],
  ])('under %s: %s', (version, expected) => {
    expect(ignoresProjectNotify(version)).toBe(expected);
  });
});
