import { expect, test } from '@jest/globals';
import {
  classifyName,
  NAME_SIGN,
  type NameClass,
  wordsOf,
} from '../../../../src/spans/redaction/values/secret-names.js';

const NAMES: Record<NameClass, string> = {
  password:
    'password passwords DB_PASSWORD db_passwd passwd2 passphrase passcode kennwort dbpasswort pass pwd pw psk senha contrasena userPass userpass PassWord passPhrase POSTGRES_PASSWORD_PROD password_value_old passes_password mypwd dbpwd abcdefghpwd storepass srckeypass trustkeystorepass truststorepass',
  token:
    'token tokens github_token apikey APIKey X-Api-Key api_keys clientSecret AWS_SECRET_ACCESS_KEY secret_key_base masterkey cred creds credential credentials bearer jwt pat GITHUB_PAT signingKey ssh_key secrets nextToken_secret',
  weak: 'key keys my_key some_key auth authentication authcode dsn pin the_pin AUTH_PROD signatures_key',
  signature: 'signature X-Amz-Signature sig',
};
const OTHERS =
  'tokenizer passwordField publicKey primary_key primary_keys keyboard author authors compass passport token_type nextPageToken page_token resume_token syntaxToken secretName key_id max_tokens_per_minute xpwd key_word pass_file backupStr abcdefghipwd password_file word phrase crossword paraphrase spin pins passerby overpass pwdx mypass_word_x sig_key_name sigh authority dsn_name passx mykeystore';

test.each(
  (Object.keys(NAMES) as NameClass[]).flatMap((nameClass) =>
    NAMES[nameClass].split(' ').map((name) => [name, nameClass] as const),
  ),
)('%s speaks of a %s', (name, nameClass) => {
  expect(classifyName(name)).toBe(nameClass);
});

test.each(OTHERS.split(' ').map((name) => [name]))('%s speaks of no secret', (name) => {
  expect(classifyName(name)).toBeUndefined();
});

test.each([
  ['apiKey', ['api', 'key']],
  ['APIKey', ['api', 'key']],
  ['myAPIKey2Old', ['my', 'api', 'key', 'old']],
  ['API_KEY', ['api', 'key']],
  ['--api-key.v1', ['api', 'key', 'v']],
  ['straße größe', ['straße', 'größe']],
  ['DBPassword', ['db', 'password']],
  ['a1B', ['a', 'b']],
  ['12 _-', []],
])('the words of %s are %j', (name, words) => {
  expect(wordsOf(name)).toEqual(words);
});

test.each([
  ['My_Pass: x', true],
  ['PIN 4', true],
  ['?sig=abc', true],
  ['nothing is said here', false],
  ['', false],
  // The line above every command’s output is none, what stands behind it may be one.
  ['Original token count: 12', false],
  ['Original token count: 12\ntoken: 3', true],
  ['x'.repeat(1999), false],
  ['x'.repeat(2000), true],
  ['x'.repeat(2001), true],
])('a text may hold the name of a secret: %j %s', (text, may) => {
  expect(NAME_SIGN(text, text.toLowerCase())).toBe(may);
});
