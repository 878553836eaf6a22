// See http-proxy-agent.ts: the same cause.
export { HttpsProxyAgent } from 'https-proxy-agent';
