import { describe, expect, test } from '@jest/globals';
import { proxyFor } from '../../src/mlflow/proxy.js';

const found = (url: string, env: NodeJS.ProcessEnv) => proxyFor(new URL(url), env);
const none = { kind: 'value', value: undefined };

describe('the proxy of an address', () => {
  test.each([
    ['http://h', {}, undefined],
    ['http://h', { http_proxy: 'http://small:1', HTTP_PROXY: 'http://large:2' }, 'http://small:1'],
    ['https://h', { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:2' }, 'http://small:1'],
    ['https://h', { HTTPS_PROXY: 'HTTPS://large:2' }, 'HTTPS://large:2'],
    ['https://h', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['http://h', { HTTP_PROXY: 'p' }, 'http://p'],
    ['http://127.255.0.1', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['http://128.0.0.1', { HTTP_PROXY: 'http://p:1' }, 'http://p:1'],
  ])('%s under %j is %s', (url, env, value) => {
    expect(found(url, env)).toEqual({ kind: 'value', value });
  });

  test.each([
    ['https://h', { HTTPS_PROXY: 'socks5://p:1' }, 'HTTPS_PROXY'],
    ['http://h', { http_proxy: 'http://' }, 'HTTP_PROXY'],
    ['http://h', { http_proxy: 'ftp://http://p' }, 'HTTP_PROXY'],
  ])('%s under %j is a problem that names %s', (url, env, variable) => {
    expect(found(url, env)).toEqual({
      kind: 'problem',
      code: 'proxy-invalid',
      message: `${variable} is not the address of an HTTP proxy`,
      hint: `Set ${variable} to http://host:port, or name the server's host in NO_PROXY`,
    });
    expect(found(url, { ...env, NO_PROXY: 'h' })).toEqual(none);
  });
});

describe('NO_PROXY', () => {
  const isExempt = (url: string, lists: NodeJS.ProcessEnv) =>
    expect(found(url, { HTTP_PROXY: 'http://p:1', ...lists }));

  test('in small letters wins', () => {
    isExempt('http://h', { no_proxy: 'h', NO_PROXY: 'other' }).toEqual(none);
    isExempt('http://h', { no_proxy: 'other', NO_PROXY: 'h' }).toEqual({
      kind: 'value',
      value: 'http://p:1',
    });
  });

  test.each([
    // A name with its dot, as DNS has it, is in no list that is empty.
    ['http://mlflow.corp.', ','],
    ['http://mlflow.corp', 'mlflow.corp:x'],
    ['http://mlflow.corp', ':80'],
    ['http://mlflow.corp', 'mlflow.corp:81'],
    ['http://mlflow.corp', 'corporation'],
    ['http://10.1.2.3', '10.1.2.3/999'],
    ['http://10.1.2.3', '10.1.2.3/x'],
    ['http://[::1:2]', '10.0.0.0/8'],
  ])('does not leave out %s by %s', (url, NO_PROXY) => {
    isExempt(url, { NO_PROXY }).toEqual({ kind: 'value', value: 'http://p:1' });
  });

  test.each([
    ['http://a.b.corp', '*.corp'],
    ['http://corp', '*.corp'],
    ['http://10.1.2.3', '10.1.2.3'],
    ['http://10.1.2.3:81', '10.1.2.3:81'],
    ['http://[fd00::7]', 'fd00::7/128'],
    ['http://[fd00::7]', 'fd00::/8'],
    ['http://mlflow.corp', 'x:y mlflow.corp'],
  ])('leaves out %s by %s', (url, NO_PROXY) => {
    isExempt(url, { NO_PROXY }).toEqual(none);
  });
});
