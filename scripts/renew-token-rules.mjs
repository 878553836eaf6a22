// Makes src/spans/redaction/forms/gitleaks-rules.ts from the rules of gitleaks (MIT), and shows what has changed.
//   node scripts/renew-token-rules.mjs [version]      the version that is kept where none is named
// The rules come out of gitleaks' Go module, through `go mod download`.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'smol-toml';
import { toJavaScript } from './lab/re2.mjs';

const MODULE = 'github.com/zricethezav/gitleaks/v8';
const target = fileURLToPath(new URL('../src/spans/redaction/forms/gitleaks-rules.ts', import.meta.url));

/** Not forms of secrets, or found by a finder of ours that needs no rule (keys, headers, command lines). */
const LEFT_OUT = new Set([
  'generic-api-key',
  'curl-auth-header',
  'curl-auth-user',
  'private-key',
  'pkcs12-file',
  'nuget-config-password',
  'freemius-secret-key',
  'adobe-client-id',
  'asana-client-id',
  'bitbucket-client-id',
  'discord-client-id',
  'plaid-client-id',
  'messagebird-client-id',
  'flutterwave-public-key',
  'mailgun-pub-key',
  'sumologic-access-id',
  'sendbird-access-id',
  'linkedin-client-id',
  'sidekiq-sensitive-url',
  'jwt',
  'jwt-base64',
  'gitlab-session-cookie',
  'kubernetes-secret-yaml',
  'hashicorp-tf-password',
  'vault-service-token',
  'aws-amazon-bedrock-api-key-short-lived',
  'sourcegraph-access-token',
  'atlassian-api-token',
  'azure-ad-client-secret',
  'maxmind-license-key',
  'facebook-access-token',
  'dropbox-api-token',
  // Their literal does not stand at the token's beginning: token-rules.ts has them.
  'airtable-personnal-access-token',
  'openai-api-key',
  'microsoft-teams-webhook',
  'hashicorp-tf-api-token',
  'lob-pub-api-key',
  'looker-client-id',
  'confluent-access-token',
  'twilio-api-key',
]);

/** `vendor … = value`: gitleaks' own template for vendors whose tokens have no form of their own. */
const BY_VENDOR =
  /^(?:\[\\w\.-\]\{0,50\}\?\()?\(?\?i[:)](?:\[\\w\.-\]\{0,50\}\?)?\(\?:(.*)\)\(\?:\[ \\t\\w\.-\]\{0,20\}\)\[\\s'"\]\{0,3\}\)?\(\?:=\|>[^)]*\|,\)\[\\x60'"\\s=\]\{0,5\}\((.*)\)\(\?:\[\\x60'"\\s;\]\|\\\\\[nr\]\|\$\)$/;
const EDGE = /(?:\\b|\(\?:\[\\x60'"\\s;\]\|\\\\\[nr\]\|\$(?:\|\\b)?\)|\(\?:\[\^[^\]]*\]\|\\z\))$/;

const kept = readFileSync(target, { encoding: 'utf8', flag: 'a+' });
const version = process.argv[2] ?? /gitleaks (v[\d.]+)/.exec(kept)?.[1] ?? 'v8.30.1';
const { rules, licence } = readModule(version);
const converted = rules.filter(({ id }) => !LEFT_OUT.has(id)).map(convert);
writeFileSync(target, source(converted, version, licence));
execFileSync('npx', ['biome', 'check', '--write', target], { stdio: 'inherit' });
report(kept, readFileSync(target, 'utf8'));

function readModule(wanted) {
  const cwd = mkdtempSync(path.join(tmpdir(), 'gitleaks-'));
  try {
    const options = { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    const { Dir } = JSON.parse(
      execFileSync('go', ['mod', 'download', '-json', `${MODULE}@${wanted}`], options),
    );
    return {
      rules: parse(readFileSync(path.join(Dir, 'config/gitleaks.toml'), 'utf8')).rules,
      licence: readFileSync(path.join(Dir, 'LICENSE'), 'utf8').trim(),
    };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** A rule as a row: id, what a text must hold (lower case), the expression from there on, least entropy, vendor's template or not. */
function convert({ id, keywords, regex, entropy = 0 }) {
  const byVendor = BY_VENDOR.exec(regex);
  if (byVendor) {
    const insensitive = regex.startsWith('(?i)') || /\)\(\?i\)/.test(regex);
    return [id, keywords, toJavaScript(byVendor[2], insensitive), entropy, 'vendor'];
  }
  let form = regex;
  let closed = '';
  while (EDGE.test(form)) {
    form = form.replace(EDGE, '');
    closed = 'closed';
  }
  // An edge on the left is ours to find: it also holds behind the escapes of JSON and behind colours.
  return [
    id,
    keywords,
    toJavaScript(form.replace(/^((?:\(\?i\))?)\\b/, '$1'), false),
    entropy,
    closed || 'open',
  ];
}

function source(rows, of, licence) {
  const lines = rows.map((row) => `  ${JSON.stringify(row)},`).join('\n');
  return `/*
 * Made by scripts/renew-token-rules.mjs from gitleaks ${of}, config/gitleaks.toml. Do not edit.
 *
${licence
  .split('\n')
  .map((line) => ` * ${line}`.trimEnd())
  .join('\n')}
 */

/**
 * Id, literals (one of which stands where the token begins, in any case), expression from there on,
 * least entropy in bits a character, and where the literal stands: \`vendor\` in the name before the
 * value; \`closed\`, \`open\`: at the token's beginning, whose end is an edge or not.
 */
export type GitleaksRule = readonly [
  id: string,
  literals: readonly string[],
  expression: string,
  entropy: number,
  form: 'vendor' | 'closed' | 'open',
];

export const GITLEAKS_RULES: readonly GitleaksRule[] = [
${lines}
];
`;
}

function report(before, after) {
  const rows = (text) =>
    new Map(
      [...text.matchAll(/^ {2}\[\s*'([a-z0-9-]+)',[\s\S]*?\],$/gm)].map((row) => [
        row[1],
        row[0].replace(/\s+/g, ' '),
      ]),
    );
  const [old, now] = [rows(before), rows(after)];
  const changes = [
    ...[...now.keys()].filter((id) => !old.has(id)).map((id) => `+ ${now.get(id)}`),
    ...[...old.keys()].filter((id) => !now.has(id)).map((id) => `- ${old.get(id)}`),
    ...[...now]
      .filter(([id, row]) => old.has(id) && old.get(id) !== row)
      .map(([id, row]) => `- ${old.get(id)}\n+ ${row}`),
  ];
  process.stdout.write(
    `${now.size} rules of gitleaks ${version}\n${changes.join('\n')}${changes.length ? '\n' : 'nothing has changed\n'}`,
  );
}
