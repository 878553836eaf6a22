import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Random } from '../../scripts/lab/secrets/random.mjs';
import { withPassedOver } from '../../src/delivery/announced/passed-over.js';
import { TextEverywhere } from '../support/everywhere.js';
import { home } from '../support/test-home.js';

const random = new Random(17);

const sent = () => JSON.stringify(home.receiver.spans());

async function send(text: string, more: object = {}): Promise<string> {
  const thread = new TextEverywhere(home.codexHome);
  await home.hook(thread.payload(thread.turnWith(text, 'classic'), more));
  return sent();
}

describe('what leaves', () => {
  it('holds no value that the environment or a credential file knows, whatever it looks like', async () => {
    const plain = `zebra${random.digits(4)}lantern`;
    const fromFile = `quiet${random.digits(4)}river`;
    writeFileSync(path.join(home.codexHome, '.netrc'), `machine h login ada password ${fromFile}\n`);
    const thread = new TextEverywhere(home.codexHome);
    const turnId = thread.turnWith(`it said ${plain} and then ${fromFile}`, 'code');
    await home.hook(thread.payload(turnId), { env: { HARMLESS_TOKEN: plain } });
    expect(sent()).toContain('it said [REDACTED:known-value#1] and then [REDACTED:known-value#2]');
    expect(sent()).not.toMatch(new RegExp(`${plain}|${fromFile}`));
  });

  it('holds no token of the token file, of a header, of a URL in the environment or in the config', async () => {
    const [token, header, url] = Array.from({ length: 3 }, () => `quiet${random.digits(4)}river`);
    const tokenFile = path.join(home.codexHome, 'mlflow.token');
    writeFileSync(tokenFile, `${token}\n`);
    home.sendTo(home.receiver.url, {
      experimentId: '0',
      tokenFile,
      headers: { 'x-gateway-auth': `Bearer ${header}` },
    });
    const thread = new TextEverywhere(home.codexHome);
    const turnId = thread.turnWith(`it said ${token} and ${header} and ${url}`, 'code');
    await home.hook(thread.payload(turnId), { env: { DATABASE_URL: `postgres://app:${url}@db/app` } });
    expect(sent()).toContain('it said [REDACTED:known-value#1] and [REDACTED:known-value#2] and [REDACTED');
    expect(sent()).not.toMatch(new RegExp([token, header, url].join('|')));
  });

  it('is whole where redaction is switched off', async () => {
    home.sendTo(home.receiver.url, { experimentId: '0', redact: false });
    expect(await send('DB_PASSWORD=hunter2secret')).toContain('hunter2secret');
  });

  it('is without what a pattern of the user’s matches, its groups too', async () => {
    home.sendTo(home.receiver.url, { experimentId: '0', redactPatterns: ['(ACME-\\d+)'] });
    const all = await send('order ACME-4711 of today');
    expect(all).toContain('order [REDACTED:custom#1] of today');
    expect(all).not.toContain('ACME-4711');
  });

  it('is nothing of a text on which such a pattern does not end, and the log says so', async () => {
    home.sendTo(home.receiver.url, { experimentId: '0', redactPatterns: ['ACME-\\d+', '(a+)+b'] });
    const thread = new TextEverywhere(home.codexHome);
    const outcome = await home.hook(thread.payload(thread.turnWith(`${'a'.repeat(60)}!`, 'code')));
    expect(outcome).toEqual({
      outcome: 'sent',
      detail: `texts left out: redactPatterns[1] of ${path.join(home.codexHome, 'mlflow-tracing.json')} took too long`,
      isReduced: true,
    });
    expect(sent()).toContain('[REDACTED:not-searched]');
    expect(sent()).not.toContain('aaaaaaaa');
  });

  it('is without e-mail addresses where the user asked for that', async () => {
    expect(await send('write to ada@example.com')).toContain('ada@example.com');
    home.sendTo(home.receiver.url, { experimentId: '0', redactPii: true });
    home.receiver.requests.length = 0;
    expect(await send('write to ada@example.com')).not.toContain('ada@example.com');
  });

  it('is clean in tags, folders, branches and the repository’s address, too', async () => {
    const token = `glpat-${random.base64url(20)}`;
    home.sendTo(home.receiver.url, { experimentId: '0', tags: { note: `with ${token}` } });
    const thread = new TextEverywhere(home.codexHome);
    const git = {
      branch: `fix-${token}`,
      repository_url: `https://u:${token}@h/r.git?private_token=${token}&x=1#y`,
    };
    const [first = ''] = thread.text().split('\n');
    const meta = JSON.parse(first) as { payload: object };
    writeFileSync(thread.path, `${JSON.stringify({ ...meta, payload: { ...meta.payload, git } })}\n`);
    const turnId = thread.turnIn(`/tmp/${token}/app`);
    await home.hook(thread.payload(turnId));
    expect(sent()).toContain('[REDACTED:gitlab-token#1]');
    expect(sent()).not.toContain(token);
    // Whatever a query holds, it is no part of where the repository is.
    const agent = home.receiver.spans().find((span) => span.name.startsWith('invoke_agent'));
    expect(agent?.attributes['vcs.repository.url.full']).toBe('https://h/r.git');
    expect(agent?.attributes['vcs.ref.head.name']).toBe('fix-[REDACTED:gitlab-token#1]');
  });
});

describe('the log', () => {
  it('names a project’s tracing config that is passed over for want of trust', async () => {
    const project = path.join(home.codexHome, 'cloned');
    mkdirSync(path.join(project, '.codex'), { recursive: true });
    const file = path.join(project, '.codex', 'mlflow-tracing.json');
    writeFileSync(file, JSON.stringify({ trackingUri: 'https://elsewhere.example.com' }));
    const run = home.run();
    const word = `${file} is passed over: the project is not trusted`;
    expect(await withPassedOver(run, project, { outcome: 'sent' })).toEqual({
      outcome: 'sent',
      detail: word,
    });
    expect(await withPassedOver(run, project, { outcome: 'pending', detail: 'why' })).toEqual({
      outcome: 'pending',
      detail: `why; ${word}`,
    });
    expect(await withPassedOver(run, home.codexHome, { outcome: 'sent' })).toEqual({ outcome: 'sent' });
    run.close();
  });
});
