import { PLACES } from './places.mjs';
import { Random } from './random.mjs';
import { TOKENS } from './tokens.mjs';

/** Texts in which a token of a published form can stand anywhere in a session. */
const AROUND = [
  (token) => `the key is ${token}, keep it`,
  (token) => `token: ${token}`,
  (token) => `{"out":"first\\n${token}\\nlast"}`,
  (token) => `curl -H 'X-Thing: ${token}' https://h`,
];

/**
 * A secret in a text: its kind, the text, and the parts of the text of which nothing may be left.
 * @typedef {{ kind: string, text: string, secrets: string[] }} Sample
 */

/** All kinds, `count` of each. @returns {Sample[]} */
export function samples(seed, count = 1) {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, round) => [
    ...Object.entries(TOKENS).map(([kind, make]) =>
      sampleOf(kind, AROUND[round % AROUND.length](make(random))),
    ),
    ...Object.entries(PLACES).map(([kind, make]) => sampleOf(kind, make(random))),
  ]).flat();
}

export function sampleOf(kind, marked) {
  const secrets = [...marked.matchAll(/«([^»]*)»/g)].map(([, secret]) => secret);
  return { kind, text: marked.replace(/[«»]/g, ''), secrets };
}

/** What of a secret is still in a text: a piece of eight characters (or all of a shorter one) says that it is out. */
export function leaked(text, secrets) {
  return secrets.flatMap((secret) => pieces(secret)).find((piece) => text.includes(piece));
}

function pieces(secret) {
  // A frame, a line number, a prefix is no secret; lines of a key are.
  const lines = secret
    .split(/\\+n|\n/)
    .map((line) => line.replace(/^[\s\d+]*\t?/, ''))
    .filter((line) => line.length >= 4 && !/-----|Proc-Type/.test(line));
  return lines.flatMap((line) =>
    line.length <= 12
      ? [line]
      : [line.slice(-10), line.slice(Math.floor(line.length / 2) - 5, Math.floor(line.length / 2) + 5)],
  );
}
