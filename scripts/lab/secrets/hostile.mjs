/**
 * Texts that make a search for secrets work hard: beginnings of secrets without end, and what makes an
 * expression try again and again. What they are, and the unit that is repeated.
 * @type {readonly (readonly [what: string, unit: string])[]}
 */
export const HOSTILE = [
  ['one letter', 'a'],
  ['dashes', '-'],
  ['beginnings of private keys', '-----BEGIN PRIVATE KEY-----'],
  ['ends of private keys', '-----END PRIVATE KEY-----'],
  ['lines of base64', 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODkw\n'],
  ['beginnings of tokens', 'eyJaaaaaaaaa.eyJaaaaaaaa'],
  ['beginnings of tokens with dashes', 'eyJ-'],
  ['prefixes', 'ghp_'],
  ['prefixes with tails', 'sk-proj-aaaa1'],
  ['beginnings of URLs', 'https://aaaa:'],
  ['at signs', 'a@'],
  ['capitals and underscores', 'A_'],
  ['names of secrets', 'api_key='],
  ['values that are names', 'PASSWORD=PASSWORD='],
  ['names without values', 'PASSWORD '],
  ['names and open quotes', 'password="'],
  ['names and escaped quotes', 'password=\\"'],
  ['blanks', ' '],
  ['line breaks', '\n'],
  ['quotes and backslashes', '\\"'],
  ['backslashes', '\\'],
  ['authorization', 'authorization: bearer '],
  ['cookies', 'cookie: a='],
  ['commands', 'mysql -u root '],
  ['curl', 'curl -u a:'],
  ['base64', 'QUJD+/'],
  ['key types', '"kty":"RSA",'],
  ['password hashes', '$6$aaaa$'],
  ['escapes', '\\u001b[32m'],
  ['colours', '\u001b[1;32m'],
  ['percent signs', '%3D%26'],
  ['XML', '<password><password '],
  ['tables', '| password |'],
  ['sentences', 'the password for the '],
  ['vendors', 'datadog sentry twitter '],
];

/** A unit again and again, to a length. @param {string} unit @param {number} length */
export function filled(unit, length) {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}
