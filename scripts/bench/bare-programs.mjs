// @ts-check
/**
 * What any tracer has to do at least, without a line of a tracer's: the measure for our programs.
 */

/** One POST of so many bytes. @param {string} url @param {number} bytes */
export function barePost(url, bytes) {
  return `const request = require('http').request('${url}/v1/traces', { method: 'POST', headers: { 'content-type': 'application/x-protobuf' } }, (response) => response.resume());
request.end(Buffer.alloc(${bytes}));`;
}

/**
 * Reads a recording a piece at a time, parses every line, and makes a POST of each of the given sizes, one
 * after the other on one connection.
 * @param {string} url @param {string} file @param {number[]} sizes
 */
export function parseAndPost(url, file, sizes) {
  return `const { openSync, readSync } = require('fs');
const http = require('http');
const file = openSync(${JSON.stringify(file)}, 'r');
const block = Buffer.alloc(1 << 20);
let rest = [];
let lines = 0;
for (let length; (length = readSync(file, block, 0, block.length, null)) > 0; ) {
  let from = 0;
  for (let at; (at = block.indexOf(10, from)) >= 0 && at < length; from = at + 1) {
    const line = Buffer.concat([...rest, block.subarray(from, at)]).toString('utf8');
    rest = [];
    if (line !== '' && typeof JSON.parse(line) === 'object') lines++;
  }
  if (from < length) rest.push(Buffer.from(block.subarray(from, length)));
}
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const sizes = ${JSON.stringify(sizes)};
(function post() {
  const size = sizes.shift();
  if (size === undefined) return agent.destroy();
  const options = { method: 'POST', agent, headers: { 'content-type': 'application/x-protobuf' } };
  const request = http.request('${url}/v1/traces', options, (response) => response.resume().on('end', post));
  request.end(Buffer.alloc(size));
})();`;
}
