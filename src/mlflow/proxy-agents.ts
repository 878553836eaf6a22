// A module of ours between `import()` and CommonJS packages: esbuild (0.28.2) makes a chunk of such a
// package that exports nothing but `default`, and the class would be missing in the built program.
export { HttpProxyAgent } from 'http-proxy-agent';
export { HttpsProxyAgent } from 'https-proxy-agent';
