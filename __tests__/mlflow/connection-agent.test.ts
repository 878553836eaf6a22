import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { describe, expect, test } from '@jest/globals';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { type ConnectionTarget, connectionAgent } from '../../src/mlflow/connection-agent.js';

const ca = Buffer.from('CA');
const proxy = 'http://ada:pw@proxy:3128';

/** What Node's types leave out; the tunnel's agent has the options for its way to the proxy apart. */
interface Seen {
  keepAlive: boolean;
  options: object;
  connectOpts?: object;
}
const agentFor = async (target: ConnectionTarget, keepAlive: boolean) => {
  const agent = await connectionAgent(target, keepAlive);
  const { keepAlive: isKept, options, connectOpts = options } = agent as unknown as Seen;
  return { kind: agent.constructor, isKept, options: connectOpts };
};

describe('the connections to a server', () => {
  test.each([
    [{ url: 'http://h' }, HttpAgent, {}],
    [{ url: 'http://h/https:' }, HttpAgent, {}],
    [{ url: 'https://h', tls: { ca } }, HttpsAgent, { ca }],
    [{ url: 'http://h', proxy }, HttpProxyAgent, {}],
    [{ url: 'https://h', proxy, tls: { ca } }, HttpsProxyAgent, {}],
  ])('at %j are of its kind, and try each address of its name', async (target, kind, more) => {
    // Node 18 tries only the first address of a name such as localhost of itself.
    const options = expect.objectContaining({ autoSelectFamily: true, ...more });
    expect(await agentFor(target, true)).toEqual({ kind, isKept: true, options });
    expect(await agentFor(target, false)).toEqual({ kind, isKept: false, options });
  });

  test('go through the proxy that is named, with its credentials', async () => {
    for (const url of ['http://h', 'https://h']) {
      const agent = (await connectionAgent({ url, proxy }, false)) as HttpProxyAgent<string>;
      expect(agent.proxy.href).toBe(`${proxy}/`);
    }
  });
});
