import { LONG_TEXT, type Sign } from '../search/sign.js';

/**
 * What a name says of its value. `password`: chosen by a person, often short; `token`: made by a
 * machine, random; `weak`: a word with many other meanings (`key`, `auth`), believed only where the
 * value is very random; `signature`: opens what a URL signs, and nothing elsewhere.
 */
export type NameClass = 'password' | 'token' | 'weak' | 'signature';

/** What every name of a secret holds; `classifyName` decides. */
export const NAME_HINT =
  /pass|pwd|pswd|token|secret|key|cred|auth|kennwort|senha|contrase|signature|[?&;]sig(?==)|jwt|bearer|dsn|psk|_pat\b|_pw\b|pin\b/i;
const NAME_PARTS =
  'pass pwd pswd token secret key cred auth kennwort senha contrase signature sig= jwt bearer dsn psk _pat _pw pin'.split(
    ' ',
  );

/** Codex's own line above the output of every command (0.101 to 0.171): a number stands behind it. */
const TOKEN_COUNT = 'original token count: ';

/** What every text has in which `findAssignments` finds anything. */
export const NAME_SIGN: Sign = (text, lower) => {
  if (text.length >= LONG_TEXT) return true;
  const own = lower.replace(TOKEN_COUNT, '');
  return NAME_PARTS.some((part) => own.includes(part));
};

/** What a name of a secret ends with. */
const PASSWORD_ENDS = 'password passwd passphrase passcode passwort kennwort'.split(' ');
const PASSWORDS = new Set(
  'pass pwd pw pswd psw psk senha contrasena userpass dbpass mypass mypwd rootpass adminpass smtppass mailpass keypass storepass keystorepass truststorepass srckeypass srcstorepass srckeystorepass destkeypass deststorepass destkeystorepass trustkeypass truststorepass trustkeystorepass'.split(
    ' ',
  ),
);
const TOKEN_ENDS =
  'token secret apikey secretkey accesskey privatekey authkey encryptionkey signingkey masterkey accountkey licensekey servicekey sharedkey'.split(
    ' ',
  );
const TOKENS = new Set(['cred', 'creds', 'credential', 'credentials', 'bearer', 'jwt', 'pat']);
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

/** A part of every name that speaks of a secret: spares all others, most names of data, a look at their words. */
const CLASSIFIED =
  'pass pwd pw ps key token secret cred auth kennwort senha contrase sig jwt bearer dsn pat pin'.split(' ');

/**
 * What a name says of its value; undefined where it speaks of no secret (`tokenizer`, `password_field`,
 * `publicKey`). Snake, kebab and camel case, and all in one word.
 */
export function classifyName(name: string): NameClass | undefined {
  const lower = name.toLowerCase();
  if (!CLASSIFIED.some((part) => lower.includes(part))) return undefined;
  const words = wordsOf(name);
  while (QUALIFIERS.has(words.at(-1) ?? '')) words.pop();
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  if (isPassword(last, before)) return 'password';
  if (last === 'key' || last === 'keys') return keyClass(before);
  if (isToken(last)) return HARMLESS_TOKENS.has(before) ? undefined : 'token';
  return OTHER_NAMES.get(last);
}

function isPassword(word: string, before: string): boolean {
  if (before === 'pass' && (word === 'word' || word === 'phrase')) return true;
  return (
    PASSWORDS.has(word) ||
    endsWithAny(word, PASSWORD_ENDS) ||
    (word.endsWith('pwd') && word.length >= 5 && word.length <= 11)
  );
}

function isToken(word: string): boolean {
  return TOKENS.has(word) || endsWithAny(word, TOKEN_ENDS);
}

/** One or several of them. */
function endsWithAny(word: string, ends: readonly string[]): boolean {
  const one = word.endsWith('s') ? word.slice(0, -1) : word;
  return ends.some((end) => one.endsWith(end));
}

function keyClass(before: string): NameClass | undefined {
  if (SECRET_KEYS.has(before)) return 'token';
  return OTHER_KEYS.has(before) ? undefined : 'weak';
}

/** The words of a name in lower case, digits left out. */
export function wordsOf(name: string): string[] {
  const isCamel = name !== name.toLowerCase();
  const apart = isCamel
    ? name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    : name;
  return apart
    .toLowerCase()
    .split(/[^a-zß-ÿ]+/)
    .filter((word) => word !== '');
}
