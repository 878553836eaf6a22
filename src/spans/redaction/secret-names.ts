/**
 * What a name says of its value. `password`: chosen by a person, often short; `token`: made by a
 * machine, random; `weak`: a word with many other meanings (`key`, `auth`), believed only where the
 * value is very random; `signature`: opens what a URL signs, and nothing elsewhere.
 */
export type NameClass = 'password' | 'token' | 'weak' | 'signature';

/** What every name of a secret holds, and so every text in which `findAssignments` finds anything; `classifyName` decides. */
export const NAME_SIGN =
  /pass|pwd|pswd|token|secret|key|cred|auth|kennwort|senha|contrase|signature|[?&;]sig(?==)|jwt|bearer|dsn|psk|_pat\b|_pw\b|pin\b/i;

const PASSWORD =
  /^(?:\w*(?:password|passwd|passphrase|passcode|passwort|kennwort)s?|pass|pwd|pw|pswd|psw|psk|(?:src|dest|trust)?(?:key|store|keystore|truststore)pass|senha|contrasena|userpass|dbpass|mypass|mypwd|rootpass|adminpass|smtppass|mailpass|[a-z]{2,8}pwd)$/;
const TOKEN =
  /^(?:\w*(?:token|secret|apikey|secretkey|accesskey|privatekey|authkey|encryptionkey|signingkey|masterkey|accountkey|licensekey|servicekey|sharedkey)s?|creds?|credentials?|bearer|jwt|pat)$/;
/** `access key`, `signing key`: what makes a key a secret one. */
const SECRET_KEYS = new Set(
  'api access secret private encryption signing auth master account shared license app application service admin server client consumer subscription storage integration write ingest deploy project session webhook hmac aes jwt cipher functions vault crypto psk wpa preshared host licence user bot team org account sas sdk sasl ssh hook'.split(
    ' ',
  ),
);
const OTHER_KEYS = new Set(
  'public primary foreign sort partition cache map object i18n translation lookup hash shift alt ctrl arrow press hot short unique index group range row column field query state store context react data item entry message event locale'.split(
    ' ',
  ),
);
/** Words behind the word that counts, which leave the meaning as it is. */
const QUALIFIERS = new Set(
  'prod production dev test testing live staging stage value val string str text plain plaintext raw base encoded old new current backup local remote env secure data default for of the my'.split(
    ' ',
  ),
);
const OTHER_NAMES = new Map<string, NameClass>([
  ...['auth', 'authentication', 'authcode', 'dsn', 'pin'].map((word) => [word, 'weak'] as const),
  ['signature', 'signature'],
  ['sig', 'signature'],
]);
/** Tokens that open nothing. */
const HARMLESS_TOKENS = new Set(
  'next page continuation pagination resume cancel cancellation syntax'.split(' '),
);

/**
 * What a name says of its value; undefined where it speaks of no secret (`tokenizer`, `password_field`,
 * `publicKey`). Snake, kebab and camel case, and all in one word.
 */
export function classifyName(name: string): NameClass | undefined {
  const words = wordsOf(name);
  while (words.length > 1 && QUALIFIERS.has(words.at(-1) as string)) words.pop();
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  if (PASSWORD.test(last) || (last === 'word' && before === 'pass')) return 'password';
  if (last === 'key' || last === 'keys') return keyClass(before);
  if (TOKEN.test(last)) return HARMLESS_TOKENS.has(before) ? undefined : 'token';
  if (last === 'phrase' && before === 'pass') return 'password';
  return OTHER_NAMES.get(last);
}

function keyClass(before: string): NameClass | undefined {
  if (SECRET_KEYS.has(before)) return 'token';
  return OTHER_KEYS.has(before) ? undefined : 'weak';
}

/** The words of a name in lower case, digits left out. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-zß-ÿ]+/)
    .filter((word) => word !== '');
}
