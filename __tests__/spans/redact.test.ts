import { describe, expect, test } from '@jest/globals';
import { buildRedactor } from '../../src/spans/redact.js';

const redact = buildRedactor([]);
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
/** Made up here, so that no scanner takes this file for a leak. */
const some = (length: number) => letters.repeat(Math.ceil(length / letters.length)).slice(0, length);
const digits = (length: number) => '0123456789abcdef'.repeat(9).slice(0, length);

const pem = (kind: string) =>
  `-----BEGIN ${kind}PRIVATE KEY-----\n${some(64)}\n${some(64)}\n-----END ${kind}PRIVATE KEY-----`;

const secrets: [kind: string, secret: string, rest?: string][] = [
  ['private-key', pem('')],
  ['private-key', pem('RSA ')],
  ['private-key', pem('OPENSSH ')],
  ['jwt', `eyJ${some(20)}.eyJ${some(40)}.${some(43)}`],
  ['api-key', `sk-${some(48)}`],
  ['api-key', `sk-proj-${some(60)}`],
  ['api-key', `sk-ant-api03-${some(80)}`],
  ['github-token', `ghp_${some(36)}`],
  ['github-token', `github_pat_${some(22)}_${some(59)}`],
  ['gitlab-token', `glpat-${some(20)}`],
  ['aws-access-key', `AKIA${'ABCDEFGHIJKLMNOP'}`],
  ['google-key', `AIza${some(35)}`],
  ['google-key', `ya29.${some(60)}`],
  ['slack-token', `xoxb-${digits(12)}-${some(24)}`],
  ['slack-token', `hooks.slack.com/services/T${digits(8)}/B${digits(8)}/${some(24)}`],
  ['stripe-key', `sk_live_${some(24)}`],
  ['npm-token', `npm_${some(36)}`],
  ['pypi-token', `pypi-${some(150)}`],
  ['huggingface-token', `hf_${some(34)}`],
  ['databricks-token', `dapi${digits(32)}`],
  ['sendgrid-key', `SG.${some(22)}.${some(43)}`],
];

describe('a secret of a published form', () => {
  test.each(secrets)('%s is taken out (%#)', (kind, secret) => {
    for (const around of [`${secret}`, `the key is ${secret}, keep it`, `"${secret}"`, `\n${secret}\n`]) {
      const clean = redact(around);
      expect(clean).toBe(around.replace(secret, `[redacted:${kind}]`));
      // A second pass changes nothing.
      expect(redact(clean)).toBe(clean);
    }
  });

  test.each([
    ['Authorization: Bearer abcdef.ghijkl-123456', 'Authorization: Bearer [redacted:authorization]'],
    ['authorization: basic dXNlcjpwYXNzd29yZA==', 'authorization: basic [redacted:authorization]'],
    [
      `curl -H "Authorization: Bearer ${some(30)}" x`,
      'curl -H "Authorization: Bearer [redacted:authorization]" x',
    ],
    [
      'git clone https://user:hunter2secret@example.com/r.git',
      'git clone https://user:[redacted:url-password]@example.com/r.git',
    ],
    [
      'postgres://app:p4ss@db.internal:5432/app',
      'postgres://app:[redacted:url-password]@db.internal:5432/app',
    ],
    ['DATABASE_PASSWORD=correct-horse-battery', 'DATABASE_PASSWORD=[redacted:secret]'],
    [
      'export AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG"',
      'export AWS_SECRET_ACCESS_KEY="[redacted:secret]"',
    ],
    [`{"api_key": "${some(24)}1"}`, '{"api_key": "[redacted:secret]"}'],
    [`"client_secret":"${digits(32)}"`, '"client_secret":"[redacted:secret]"'],
  ])('%s keeps what is no secret', (secret, clean) => {
    expect(redact(secret)).toBe(clean);
  });

  test('is taken out of JSON in JSON, which stays JSON', () => {
    const inner = JSON.stringify({
      env: { OPENAI_API_KEY: `sk-${some(48)}` },
      url: 'https://u:secretsecret@h/p',
    });
    const outer = JSON.stringify({ output: inner, header: `Authorization: Bearer ${some(40)}` });
    const clean = redact(outer);
    expect(clean).not.toContain(some(40));
    expect(clean).not.toContain('secretsecret');
    const parsed = JSON.parse(clean) as { output: string };
    expect(Object.keys(JSON.parse(parsed.output))).toEqual(['env', 'url']);
  });

  test('of the user’s own pattern is taken out too, and what is empty is left', () => {
    const own = buildRedactor(['ACME-\\d+', 'x*']);
    expect(own('order ACME-4711 of today')).toBe('order [redacted:custom] of today');
  });
});

describe('ordinary text is left as it is', () => {
  test.each([
    'const token = await getToken(); // refresh it',
    'password: string; apiKey?: string; secret = process.env.SECRET;',
    'if (user.password !== confirmPassword) throw new Error("passwords differ");',
    'The bearer of this letter is a friend of the basic authorization scheme.',
    'git show 1b20047b3762fe054569eb4a8a7f1df72c87ec65 --stat',
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    'https://example.com:8080/path?q=a@b and mailto:someone@example.com',
    'import { x } from "@scope/package"; // see http://localhost:5000/#/experiments/0',
    '01a21080-3806-71b0-8d3d-a41cbbfe89bc call_4ed9000003 resp_70500001d3',
    'MAX_TOKENS=4096\nTOKENIZER=cl100k\nKEY=a',
    'skill-creator, risk-assessment-of-the-quarter, task-runner',
    'npm_config_registry=https://registry.example/',
    'the AKIA prefix, the ghp_ prefix and the sk- prefix',
  ])('%s', (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe('1 MB of hostile text takes less than half a second', () => {
  const mb = 1_000_000;
  const filled = (unit: string) => unit.repeat(Math.ceil(mb / unit.length)).slice(0, mb);
  test.each([
    ['one letter', filled('a')],
    ['dashes', filled('-')],
    ['beginnings of private keys', filled('-----BEGIN PRIVATE KEY-----')],
    ['beginnings of tokens', filled('eyJaaaaaaaaa.eyJaaaaaaaa')],
    ['beginnings of URLs', filled('https://aaaa:')],
    ['a URL without an end', `https://${filled('a')}`],
    ['at signs', filled('a@')],
    ['capitals and underscores', filled('A_')],
    ['names of secrets', filled('api_key=')],
    ['names without values', filled('PASSWORD ')],
    ['spaces', filled(' ')],
    ['quotes and backslashes', filled('\\"')],
    ['authorization', filled('authorization: bearer ')],
    ['base64', filled('QUJD+/')],
  ])('%s', (_, text) => {
    const startMs = performance.now();
    redact(text);
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});
