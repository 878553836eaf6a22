// The package as it would be published: how large it is, and what it asks of whoever installs it.

import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** What the hook loads after every turn, in bytes: 335 kB, of which the rules for secrets take 60, what was shown live 3. */
const CORE_BYTES = 337_000;
/** What an installation puts on the disk: 685 kB, of which what is shown live takes 30, what an administrator sets up 15. */
const INSTALLED_BYTES = 690_000;

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const options = { encoding: /** @type {const} */ ('utf8'), shell: process.platform === 'win32' };
const [packed] = JSON.parse(execFileSync(npm, ['pack', '--dry-run', '--json', '--ignore-scripts'], options));
const core = statSync('dist/core.cjs').size;

const faults = [
  core > CORE_BYTES && `dist/core.cjs has ${core} bytes, more than ${CORE_BYTES}`,
  packed.unpackedSize > INSTALLED_BYTES &&
    `the package has ${packed.unpackedSize} bytes installed, more than ${INSTALLED_BYTES}`,
].filter(Boolean);
process.stdout.write(`core.cjs ${core} bytes, installed ${packed.unpackedSize} bytes\n`);
if (faults.length > 0) {
  process.stderr.write(
    `${faults.join('\n')}\nIf it must be, raise the figure in scripts/check-package.mjs and say why.\n`,
  );
  process.exitCode = 1;
}
