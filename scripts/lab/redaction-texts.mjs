// @ts-check
/**
 * Real text to measure redaction's precision on: packages that talk much of tokens and passwords, lock files,
 * minified code, dumps, recordings. npm, pip and Go fetch it into `.cache/redaction-texts` where it is not there.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, runQuietly } from './cache.mjs';
import { findGo } from './collector.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const FOLDER = 'redaction-texts';
/** No package counts for more than this: the large ones are much of the same. */
const BYTES_PER_PACKAGE = 1_000_000;
/** Of one file: more than a tool's output has. */
const BYTES_PER_FILE = 400_000;

/** @typedef {{ name: string, text: string }} Text */

/**
 * Where texts come from: packages of a registry, and which of their files count.
 * @typedef {{ npm?: string, pypi?: string, go?: string, files: RegExp, bytes?: number }} Source
 */

const CODE = /\.(?:[cm]?[jt]s|md|json|ya?ml|py|rst|txt|html)$|METADATA$/;
const LOCKS =
  /(?:^|\/)(?:package-lock\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock|uv\.lock|go\.sum|Cargo\.lock)$/;

/** @type {Record<string, Source>} */
const SOURCES = {
  'npm packages': {
    npm: 'jsonwebtoken@9.0.3 passport@0.7.0 next-auth@4.24.13 node-forge@1.3.3 @octokit/auth-app@8.1.2 @azure/identity@4.13.0 google-auth-library@10.5.0 keycloak-js@26.2.2 oidc-provider@9.6.0 axios@1.13.2 stripe@20.1.0 twilio@5.11.1 @aws-sdk/client-sts@3.966.0 mongodb@7.0.0 pg@8.16.3 mysql2@3.16.0 nodemailer@7.0.12 openid-client@6.8.1 dotenv@17.2.3 terser@5.44.1',
    files: CODE,
  },
  'PyPI packages': {
    pypi: 'PyJWT==2.10.1 paramiko==4.0.0 requests-oauthlib==2.0.0 azure-identity==1.25.1 google-auth==2.46.0 hvac==2.4.0 passlib==1.7.4 oauthlib==3.3.1 Authlib==1.6.6 keyring==25.7.0',
    files: CODE,
  },
  'Go modules': {
    go: 'github.com/ory/kratos@v1.3.1 code.gitea.io/gitea@v1.27.3',
    files: /(?:auth|oauth|session|token|secret|login|user|migrat)[^/]*\/.*\.(?:go|ya?ml|md|json)$/,
  },
  'lock files of npm, pnpm, yarn, bun, uv and Go': {
    go: 'github.com/ory/kratos@v1.3.1 code.gitea.io/gitea@v1.27.3 github.com/pulumi/pulumi/sdk/v3@v3.276.0 github.com/golang-migrate/migrate/v4@v4.20.1',
    files: LOCKS,
    bytes: 2_000_000,
  },
  'SQL, and data sets for tests': {
    go: 'github.com/ory/kratos@v1.3.1 code.gitea.io/gitea@v1.27.3',
    files: /\.sql$|fixtures?\/.*\.ya?ml$/,
    bytes: 2_000_000,
  },
  'minified code and source maps': {
    npm: 'jquery@3.7.1 react-dom@18.3.1 d3@7.9.0 vue@3.5.13 lodash@4.17.21 crypto-js@4.2.0 bootstrap@5.3.3 pdfjs-dist@4.10.38',
    files: /\.min\.m?js$|\.production\.min\.js$|\.map$/,
  },
  'base64 and certificates': {
    npm: 'undici@7.16.0 argon2-browser@1.18.0 node-forge@1.3.3',
    pypi: 'certifi==2025.11.12',
    files: /wasm.*\.js$|dist\/.*\.js$|\.pem$/,
  },
};

/**
 * All texts by where they are from.
 * @param {(line: string) => void} progress
 * @returns {Promise<Map<string, Text[]>>}
 */
export async function realTexts(progress) {
  const all = new Map();
  for (const [title, { npm = '', pypi = '', go = '', files, bytes }] of Object.entries(SOURCES)) {
    const texts = [];
    for (const [specs, fetch] of /** @type {const} */ ([
      [npm, fromNpm],
      [pypi, fromPyPi],
      [go, fromGo],
    ])) {
      for (const spec of specs.split(' ').filter(Boolean)) {
        const folder = await fetch(spec, progress);
        if (folder) texts.push(...textsOf(folder, files, bytes));
      }
    }
    all.set(title, texts);
  }
  all.set(
    'recordings of Codex',
    textsOf(path.join(root, '__tests__/fixtures/rollouts'), /rollout-.*\.jsonl$/, 5_000_000),
  );
  all.set('a heap dump of Node', heapDump());
  return all;
}

/** @param {string} spec @param {(line: string) => void} progress */
function fromNpm(spec, progress) {
  return fetched(spec, progress, async (folder) => {
    await runQuietly('npm', ['pack', '--silent', '--ignore-scripts', spec], { cwd: folder });
    for (const packed of readdirSync(folder)) await runQuietly('tar', ['-xzf', packed], { cwd: folder });
  });
}

/** @param {string} spec @param {(line: string) => void} progress */
function fromPyPi(spec, progress) {
  return fetched(spec, progress, async (folder) => {
    const args = ['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary', ':all:', '-d', folder, spec];
    await runQuietly('python3', args);
    for (const packed of readdirSync(folder)) {
      await runQuietly('python3', ['-m', 'zipfile', '-e', path.join(folder, packed), folder]);
    }
  });
}

/** @param {string} spec @param {(line: string) => void} progress @returns {Promise<string | undefined>} */
async function fromGo(spec, progress) {
  if ('missing' in findGo()) {
    progress(`${spec} is left out: Go was not found`);
    return undefined;
  }
  return fetched(spec, progress, async (folder) => {
    const env = { ...process.env, GOMODCACHE: folder, GOFLAGS: '-modcacherw' };
    await runQuietly('go', ['mod', 'download', spec], { cwd: folder, env });
  });
}

/** @param {string} spec @param {(line: string) => void} progress @param {(folder: string) => Promise<void>} make */
async function fetched(spec, progress, make) {
  mkdirSync(path.join(root, '.cache', FOLDER), { recursive: true });
  return cached(`${FOLDER}/${spec.replace(/[^\w.-]/g, '_')}`, (folder) => {
    progress(`Fetching ${spec} (once) …`);
    return make(folder);
  });
}

/** @param {string} folder @param {RegExp} pattern @param {number} [limit] bytes of the folder's texts together @returns {Text[]} */
function textsOf(folder, pattern, limit = BYTES_PER_PACKAGE) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .filter((name) => pattern.test(name) && statSync(path.join(folder, name)).isFile());
  let bytes = 0;
  return files.flatMap((name) => {
    if (bytes >= limit) return [];
    const text = readFileSync(path.join(folder, name), 'utf8').slice(
      0,
      Math.min(BYTES_PER_FILE, limit - bytes),
    );
    bytes += text.length;
    return [{ name: path.join(path.basename(folder), name), text }];
  });
}

/** What a debugger writes of a Node that does nothing: strings of all kinds in JSON. @returns {Text[]} */
function heapDump() {
  const code = "require('v8').getHeapSnapshot().on('data', (part) => process.stdout.write(part))";
  const dump = execFileSync(process.execPath, ['-e', code], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
    maxBuffer: 100_000_000,
  });
  // The strings stand behind the numbers.
  const strings = dump.slice(dump.indexOf('"strings":'));
  return [
    { name: 'numbers', text: dump.slice(0, BYTES_PER_FILE) },
    { name: 'strings', text: strings.slice(0, 2 * BYTES_PER_FILE) },
  ];
}
