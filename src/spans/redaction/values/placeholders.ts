import { once } from '../../../platform/once.js';
import { isRandom } from './randomness.js';
import { wordsOf } from './secret-names.js';

/** What stands for a value: variables, templates, look-ups, type names. */
const REFERENCE =
  /^(?:\$|%[A-Za-z_]\w*%|<[^>]*>?$|\{\{|\{[\w.]*\}|\[\w*\]|@\w+@|#\{|&[a-z]|!(?:Ref|GetAtt|Sub|secret|vault|ENV)|[\w.]{1,20}\.env\b|os\.(?:environ|getenv)|env(?:iron)?[.([:]|getenv|ENV\[|System\.|config[.[(]|secrets?[.[(:/]|vars?[.[(]|vault[:/]|op:\/\/|arn:|ref\+|ssm:|file:|env:|keyring:|keychain:|~\/|[A-Za-z]:\\|https?:\/\/)/;
/** Words that people, and marks such as ours, have where a secret would stand: anywhere in it, or as a word of their own. */
const ANYWHERE =
  'your example change_me change-me changeme change_this replace placeholder place_holder redacted removed hidden masked dummy sample insert fixme goes_here goes-here this_is my_secret my_token my_api my_pass my-secret my-token my-api my_key';
const ALONE =
  'todo fake mock foo bar baz foobar lorem ipsum undefined null none some any enter here xxx secret-key';
const FILLERS = /\.\.\.|…|\*{3}|x{4,}|X{4,}|•{3}|_{4,}|0{8,}|1234567890|-{4,}|#{3,}|abcdefgh|ABCDEFGH/;
const standIns = once(() => new RegExp(`${cased(ANYWHERE)}|(?<![A-Za-z0-9])${cased(ALONE)}(?![A-Za-z0-9])`));

/** The words in the three ways in which people write them: a random token may hold `yOur`. */
function cased(words: string): string {
  const forms = words.split(' ').flatMap((word) => {
    const capital = word.charAt(0).toUpperCase() + word.slice(1);
    return [word, capital, word.toUpperCase()];
  });
  return `(?:${forms.join('|')})`;
}

/** Whether a text holds a word or a filler that people write where a secret would stand. */
function holdsStandIn(text: string): boolean {
  return standIns().test(text) || FILLERS.test(text);
}

/** Whether a value stands for a secret and is none: a variable, a template, a look-up, a placeholder. */
export function isStandIn(value: string): boolean {
  return (
    (REFERENCE.test(value) && !isRandomBehindSign(value)) ||
    isPath(value) ||
    holdsStandIn(value) ||
    isOneCharacter(value)
  );
}

/** A password may begin with `$` or `&`; no variable's name looks drawn at random. */
function isRandomBehindSign(value: string): boolean {
  return /^[$&](?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9!@#%^&*+=?~]+$/.test(value) && isRandom(value.slice(1), 12);
}

/** One of 64 random keys in base64 begins as a path does. */
function isPath(value: string): boolean {
  return /^\.{0,2}\/[\w.]/.test(value) && !(/^[\w+/=]{36,}$/.test(value) && isRandom(value, 36));
}

function isOneCharacter(value: string): boolean {
  return /^(.)\1*$/.test(value);
}

const KEYWORDS = new Set(
  'password passwd passphrase pass pwd passwords token tokens secret secrets key keys api apikey auth access refresh private public client credential credentials user username login bearer code signature jwt'.split(
    ' ',
  ),
);

/**
 * Whether a value is a constant that repeats what its name says (`AZURE_PASSWORD`, `access-token-1`,
 * `user.password`): words, one of which speaks of secrets or stands in the name, and at most two digits.
 */
export function repeatsName(value: string, name: string): boolean {
  if (!/^[A-Za-z][\w\s.:/-]*$/.test(value) || /\d{3}|[a-z]\d+[a-z]/i.test(value)) return false;
  const ofName = new Set(wordsOf(name));
  return wordsOf(value).some((word) => KEYWORDS.has(word) || (ofName.has(word) && word.length > 2));
}

const TECHNICAL_WORDS = new Set(
  'latin1 web3 s3 ec2 k8s i18n l10n a11y win32 x86_64 amd64 arm64 h264 mp3 mp4 w3c p12 pfx u2f fido2 totp hotp 2fa mfa sso saml saml2 ed25519 x25519 bcrypt scrypt pbkdf2 webauthn ascii oidc'.split(
    ' ',
  ),
);
/**
 * An algorithm's name with its number, then words: `sha256`, `aes-256-gcm`, `sha1WithRSA`. Digits behind
 * an attached word are a password's (`sharky2019`, `rsmith1234`).
 */
const ALGORITHM =
  /^(?:(?:hmac[-_]?)?sha[-_]?\d{1,3}|md[2456]|utf[-_]?\d{1,2}|base[-_]?\d\d|aes[-_]?\d{0,3}|oauth[-_]?\d?|https?\d?|x509|pkcs[-_#]?\d{1,2}|rsa[-_]?(?:\d{3,4})?|ec[-_]?(?:\d{3})?|secp\d{3}[kr]1|argon2|iso[-_]?\d{2,5}|ipv[46]|u?int\d{1,2}|float\d\d|[hrep]s\d{3})(?:[a-z]{1,8})?(?:[-_][a-z\d]{1,8}){0,4}$/;
const VERSION_OR_NUMBER = /^(?:v\d+(?:\.\w+)*|\d{1,5}(?:\.\w+)*|t\d{1,3}|es20\d\d|p-?\d{3}|0x[0-9a-f]+)$/;
/** What schemas and tests write for any value: a word for it, and a digit or two. */
const NUMBERED =
  /^(?:service|user|host|server|node|test|db|account|client|item|field|value|name|string|str|text|word|input|param|arg|data)s?[-_]?\d{1,2}$/;
const LONGEST_WORD = 24;

/** Names of algorithms, encodings, versions and the like: letters with digits, and no secret. */
export function isTechnicalWord(value: string): boolean {
  if (value.length > LONGEST_WORD) return false;
  const word = value.toLowerCase();
  return (
    TECHNICAL_WORDS.has(word) || ALGORITHM.test(word) || VERSION_OR_NUMBER.test(word) || NUMBERED.test(word)
  );
}
