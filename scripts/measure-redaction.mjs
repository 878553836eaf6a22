// Measures redaction: recall on secrets made for it and on forms it was not written for, precision and
// speed on real text, which npm and pip fetch into .cache/.
//   npm run measure:redaction [-- --seed N] [-- --show]     --show prints every finding in real text, to be read

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { leaked, sampleOf, samples } from './lab/secrets/corpus.mjs';
import { INVENTED } from './lab/secrets/invented.mjs';
import { lookAlikes } from './lab/secrets/look-alikes.mjs';
import { Random } from './lab/secrets/random.mjs';

const NPM =
  'jsonwebtoken@9.0.3 passport@0.7.0 next-auth@4.24.13 node-forge@1.3.3 @octokit/auth-app@8.1.2 @azure/identity@4.13.0 google-auth-library@10.5.0 keycloak-js@26.2.2 oidc-provider@9.6.0 axios@1.13.2 stripe@20.1.0 twilio@5.11.1 @aws-sdk/client-sts@3.966.0 mongodb@7.0.0 pg@8.16.3 mysql2@3.16.0 nodemailer@7.0.12 openid-client@6.8.1 dotenv@17.2.3 terser@5.44.1'.split(
    ' ',
  );
const PYPI =
  'PyJWT==2.10.1 paramiko==4.0.0 requests-oauthlib==2.0.0 azure-identity==1.25.1 google-auth==2.46.0 hvac==2.4.0 passlib==1.7.4 oauthlib==3.3.1 Authlib==1.6.6 keyring==25.7.0'.split(
    ' ',
  );
const TEXT = /\.(?:[cm]?[jt]s|md|json|ya?ml|py|rst|txt|html)$|METADATA$/;
/** No package counts for more than this: the large ones are much of the same. */
const BYTES_PER_PACKAGE = 1_000_000;

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, show: { type: 'boolean', default: false } },
});
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const cache = path.join(root, '.cache/redaction-texts');
const { Redactor } = await bundled();
const redactor = new Redactor();

const seed = Number(values.seed);
recall('kinds made for it', samples(seed, 4));
const random = new Random(seed);
recall(
  'invented forms',
  Object.entries(INVENTED).flatMap(([kind, make]) =>
    Array.from({ length: 20 }, () => sampleOf(kind, make(random))),
  ),
);
const alike = lookAlikes(random);
const changed = alike.filter((text) => redactor.begin().redact(text) !== text);
console.log(`look-alikes: ${alike.length - changed.length} of ${alike.length} unchanged`);
precision(fetchTexts());

/** The redactor as one module, as it is in the hook. */
async function bundled() {
  mkdirSync(cache, { recursive: true });
  const outfile = path.join(cache, 'redactor.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['src/spans/redaction/redactor.ts'],
    bundle: true,
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}

function recall(name, all) {
  const out = new Map();
  for (const { kind, text, secrets } of all) {
    const isOut = leaked(redactor.begin().redact(text), secrets) !== undefined;
    const count = out.get(kind) ?? { made: 0, out: 0 };
    out.set(kind, { made: count.made + 1, out: count.out + Number(isOut) });
  }
  const leaky = [...out].filter(([, count]) => count.out > 0);
  const values = all.length - leaky.reduce((sum, [, count]) => sum + count.out, 0);
  console.log(
    `${name}: ${out.size - leaky.length} of ${out.size} kinds held, ${values} of ${all.length} values (seed ${seed})`,
  );
  for (const [kind, count] of leaky) console.log(`  out: ${kind}, ${count.out} of ${count.made}`);
}

function precision(files) {
  let bytes = 0;
  let found = 0;
  const startedMs = process.cpuUsage().user / 1000;
  for (const file of files) {
    const text = readFileSync(file, 'utf8').slice(0, 400_000);
    bytes += text.length;
    for (const { start, end, kind } of redactor.findings(text, { spend() {} })) {
      found++;
      if (values.show)
        console.log(
          [
            path.relative(cache, file),
            kind,
            JSON.stringify(text.slice(Math.max(0, start - 60), start)),
            JSON.stringify(text.slice(start, end).slice(0, 80)),
          ].join('\t'),
        );
    }
  }
  const seconds = (process.cpuUsage().user / 1000 - startedMs) / 1000;
  console.log(
    `real text: ${(bytes / 1e6).toFixed(1)} MB, ${found} findings, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s (CPU time); --show prints them`,
  );
}

function fetchTexts() {
  const run = (command, args) =>
    execFileSync(command, args, { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const name of [...NPM, ...PYPI]) {
    const folder = path.join(cache, name.replace(/[^\w.-]/g, '_'));
    if (existsSync(folder)) continue;
    mkdirSync(folder);
    if (NPM.includes(name)) run('npm', ['pack', '--silent', '--pack-destination', folder, name]);
    else
      run('python3', [
        '-m',
        'pip',
        'download',
        '-q',
        '--no-deps',
        '--only-binary',
        ':all:',
        '-d',
        folder,
        name,
      ]);
    for (const packed of readdirSync(folder)) {
      if (packed.endsWith('.tgz')) run('tar', ['xzf', path.join(folder, packed), '-C', folder]);
      else run('python3', ['-m', 'zipfile', '-e', path.join(folder, packed), folder]);
    }
  }
  return readdirSync(cache).flatMap((name) => textsOf(path.join(cache, name)));
}

function textsOf(folder) {
  if (!statSync(folder).isDirectory()) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => path.join(folder, name))
    .filter((file) => TEXT.test(file) && statSync(file).isFile());
  let bytes = 0;
  return files.filter((file) => {
    bytes += Math.min(400_000, statSync(file).size);
    return bytes <= BYTES_PER_PACKAGE;
  });
}
