// THIRD-PARTY-NOTICES.txt: whose code the bundles hold, and under which licence.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

const RULE = '-'.repeat(80);

/**
 * The licences of all packages with at least one file in a bundle; packages under the same words share them,
 * and those under our own licence's words have them in our LICENSE, which is shipped beside this file.
 * @param {string} root the project's folder
 * @param {import('esbuild').Metafile[]} metafiles
 * @returns {Promise<string>}
 */
export async function notices(root, metafiles) {
  /** @type {Map<string, string[]>} */
  const byText = new Map();
  const own = words(await licenceText(root));
  for (const dir of [...packageFolders(metafiles)].sort()) {
    const pkg = JSON.parse(await readFile(path.join(root, dir, 'package.json'), 'utf8'));
    const full = (await licenceText(path.join(root, dir))).trim().replaceAll('\r\n', '\n');
    const text = words(full) === own ? 'The text of this licence is in the file LICENSE.' : full;
    byText.set(text, [...(byText.get(text) ?? []), `${pkg.name} ${pkg.version} (${pkg.license})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return `The programs in dist/ contain code of these packages.\n\n${parts.join(`\n${RULE}\n\n`)}`;
}

/** @param {import('esbuild').Metafile[]} metafiles */
function packageFolders(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1];
        if (folder && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return folders;
}

/** A text whatever its line breaks and indents. @param {string} text */
function words(text) {
  return text.trim().replaceAll(/\s+/g, ' ');
}

/** @param {string} dir */
async function licenceText(dir) {
  for (const name of ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'license', 'license.md', 'LICENCE']) {
    try {
      return await readFile(path.join(dir, name), 'utf8');
    } catch {}
  }
  throw new Error(`${dir} has no licence file: its code may not be bundled without one`);
}
