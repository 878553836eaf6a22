import type { Agent } from 'node:http';
import type { Destination } from '../config/destination.js';

/** The connections to a destination, kept open between requests; `destroy()` ends them. */
export async function createAgent(destination: Destination): Promise<Agent> {
  const secure = destination.url.startsWith('https:');
  const options = { keepAlive: true, ...destination.tls };
  if (destination.proxy === undefined) {
    const { Agent } = secure ? await import('node:https') : await import('node:http');
    return new Agent(options);
  }
  if (secure) {
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    return new HttpsProxyAgent(destination.proxy, options);
  }
  const { HttpProxyAgent } = await import('http-proxy-agent');
  return new HttpProxyAgent(destination.proxy, options);
}
