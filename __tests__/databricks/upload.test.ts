import { afterEach, describe, expect, test } from '@jest/globals';
import { isUploadType, upload, uploadAddressIn } from '../../src/databricks/upload.js';
import { closeLoopbacks, type Reply, startLoopback } from '../support/loopback.js';
import { closeServers, startProxy, startTlsServer } from '../support/proxy.js';

afterEach(async () => {
  await closeLoopbacks();
  await closeServers();
});

const URI = 'https://store.example/x?sig=1';

describe('an upload address', () => {
  const said = (info: object | string) => JSON.stringify({ credential_info: info });

  test.each([
    [{ type: 'T', signed_uri: URI }, {}],
    [{ type: 'T', signed_uri: URI, headers: 'none' }, {}],
    [
      {
        type: 'T',
        signed_uri: URI,
        headers: [{ name: 'a', value: 'b' }, { name: 'c', value: '' }, { name: 'd' }],
      },
      { a: 'b', c: '', d: '' },
    ],
    [
      { type: 'T', signed_uri: URI, headers: [7, { value: 'b' }, { name: '' }, { name: 'a', value: 'b' }] },
      { a: 'b' },
    ],
  ])('is read from %j', (info, headers) => {
    expect(uploadAddressIn(said(info))).toEqual({ type: 'T', signedUri: URI, headers });
  });

  test.each([
    'hello',
    'null',
    '{}',
    said('x'),
    said({ signed_uri: URI }),
    said({ type: 'T' }),
    said({ type: 'T', signed_uri: '/x' }),
  ])('is none in %s', (body) => {
    expect(uploadAddressIn(body)).toBeUndefined();
  });
});

test.each([
  ['AWS_PRESIGNED_URL', true],
  ['GCP_SIGNED_URL', true],
  ['AZURE_SAS_URI', true],
  ['AZURE_ADLS_GEN2_SAS_URI', true],
  ['FTP_URL', false],
  ['toString', false],
])('%s is a kind of store that is known: %s', (type, known) => {
  expect(isUploadType(type)).toBe(known);
});

describe('a file', () => {
  const FILE = Buffer.from('{"spans":[]}');
  async function putTo(
    type: string,
    reply: (n: number) => Reply,
    env: NodeJS.ProcessEnv = {},
    timeoutMs = 15_000,
  ) {
    let count = 0;
    const { url, port, requests } = await startLoopback(() => reply(count++));
    const address = { type, signedUri: `${url}/b/t.json?s=a%2fb`, headers: { 'x-amz-a': 'b' } };
    const answer = await upload(address, FILE, env, timeoutMs);
    const seen = requests.map(({ method, url: asked, headers, body }) => {
      const { host, connection: _, ...own } = headers;
      expect(host).toBe(`127.0.0.1:${port}`);
      return [method, asked, own, body];
    });
    return { answer, seen };
  }
  const ok = (): Reply => ({ status: 201, body: 'thanks' });
  const text = FILE.toString();

  test.each([
    ['AWS_PRESIGNED_URL', {}],
    ['GCP_SIGNED_URL', {}],
    ['AZURE_SAS_URI', { 'x-ms-blob-type': 'BlockBlob' }],
  ])('goes to %s in one request, with the headers of the address and none of ours', async (type, more) => {
    const { answer, seen } = await putTo(type, ok);
    const headers = { 'x-amz-a': 'b', ...more, 'content-length': String(FILE.length) };
    expect(seen).toEqual([['PUT', '/b/t.json?s=a%2fb', headers, text]]);
    expect(answer).toMatchObject({ kind: 'answer', status: 201, body: 'thanks' });
  });

  test('goes to a data lake of Azure’s in two: an empty file, and what is in it', async () => {
    const { answer, seen } = await putTo('AZURE_ADLS_GEN2_SAS_URI', (n) => ({ status: 201 + n, body: '' }));
    expect(seen).toEqual([
      ['PUT', '/b/t.json?s=a%2fb&resource=file', { 'x-amz-a': 'b', 'content-length': '0' }, ''],
      [
        'PATCH',
        '/b/t.json?s=a%2fb&action=append&position=0&flush=true',
        { 'x-amz-a': 'b', 'content-length': String(FILE.length) },
        text,
      ],
    ]);
    expect(answer).toMatchObject({ status: 202 });
  });

  test.each([300, 400, 403, 503])(
    'of which the first request is answered %i is not sent on',
    async (status) => {
      const { answer, seen } = await putTo('AZURE_ADLS_GEN2_SAS_URI', () => ({ status, body: 'no' }));
      expect(seen).toHaveLength(1);
      expect(answer).toMatchObject({ kind: 'answer', status, body: 'no' });
    },
  );

  test.each([200, 299])('of which the first request is answered %i is sent on', async (status) => {
    const { seen } = await putTo('AZURE_ADLS_GEN2_SAS_URI', () => ({ status, body: '' }));
    expect(seen).toHaveLength(2);
  });

  test('that the store does not answer is given up in time, and sent on to nobody', async () => {
    const { answer, seen } = await putTo('AZURE_ADLS_GEN2_SAS_URI', () => 'hang', {}, 500);
    expect(answer).toEqual({
      kind: 'failed',
      code: 'TIMEOUT',
      reason: expect.stringMatching(/^no answer within 0\.[45]\d* s$/),
      reached: true,
    });
    expect(seen).toHaveLength(1);
    const { answer: late } = await putTo('AWS_PRESIGNED_URL', () => 'hang', {}, -1000);
    expect(late).toMatchObject({ reason: 'no answer within 0.001 s' });
  });

  test('goes to no store over the network in clear', async () => {
    const address = { type: 'AWS_PRESIGNED_URL', signedUri: 'http://store.example/x', headers: {} };
    const unsent = (code: string) => ({ kind: 'failed', code, reason: code, reached: false });
    expect(await upload(address, FILE, {}, 1000)).toEqual(unsent('store without TLS'));
    const secure = { ...address, signedUri: URI };
    expect(await upload(secure, FILE, { HTTPS_PROXY: 'ftp://p' }, 1000)).toEqual(unsent('proxy-invalid'));
    expect(await upload({ ...secure, type: 'FTP_URL' }, FILE, {}, 1000)).toEqual(unsent('unknown store'));
  });

  test('goes through the store’s own proxy, to a store that is verified', async () => {
    const proxy = await startProxy(await startTlsServer('yes'));
    const address = { type: 'AWS_PRESIGNED_URL', signedUri: 'https://mlflow.test/x', headers: {} };
    const env = { HTTPS_PROXY: proxy.url };
    expect(await upload(address, FILE, env, 15_000)).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const trusting = { ...env, MLFLOW_TRACKING_INSECURE_TLS: '1' };
    expect(await upload(address, FILE, trusting, 15_000)).toMatchObject({ status: 200, body: 'yes' });
    expect(proxy.asked.map(([what]) => what)).toEqual(Array(2).fill('CONNECT mlflow.test:443'));
  });
});
