/** Bits a character by Shannon's formula: 0 for `aaaa`, about 4.5 for 40 random letters and digits. */
export function shannonEntropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Parts of names: `Token`, `client`, `SECRET`. */
const LETTERS = /[A-Z]?[a-z]{2,}|[A-Z]{3,}/g;
/**
 * For each letter those that follow it in at least one of 2,500 pairs of letters of the 33,000 words in
 * the sources of 46 npm and PyPI packages: 316 of 676 pairs. Five letters drawn at random are all of
 * such pairs in one of twenty cases.
 */
const FOLLOWERS =
  'abcdefgiklmnprstuvwxy abceilorsuy acehiklmoprstuy abcdefgilnorstu abcdefgilmnopqrstuvwxy aefilorstuy aeghilnorsu aeiortu abcdefglmnoprstvxz aesw aeis acdeilopstuvy abdeilmopsuy acdefgiklnoprstuvy abcdfgiklmnoprstuvw adehiklmoprstuy u abcdefgiklmnoprstuvy acdefghiklmnoprstuwy acdehilmnoprstuwy abcdefgilmnprst aeio aehinors ceipt eimnpst aei'.split(
    ' ',
  );
const VOWEL = /[aeiouy]/i;

function isWordLike(letters: string): boolean {
  const word = letters.toLowerCase();
  if (word.length < 3 || !VOWEL.test(word)) return false;
  for (let i = 1; i < word.length; i++) {
    if (!FOLLOWERS[word.charCodeAt(i - 1) - 97]?.includes(word.charAt(i))) return false;
  }
  return true;
}

/** Names of algorithms, whose digits are no chance: `Ed25519PrivateKey`, `Pkcs12`, `secp256k1`. */
const ALGORITHMS =
  /(?:ed|x|curve)(?:25519|448)|pkcs_?\d{1,2}|sha_?\d{1,3}|hmac|aes_?\d{3}|md[245]|utf_?\d{1,2}|base_?\d\d|[re]s\d{3}|oauth_?\d?a?|x509v?\d?|secp\d{3}[a-z]\d|int\d{1,2}|p\d{3}|rfc\d{4}|v\d/gi;

/** The share of a text's letters and digits that stand in no word: about 0.8 of random ones, 0.1 of a name. */
export function wordlessShare(text: string): number {
  const solid = text.replace(/[^A-Za-z0-9]/g, '').length;
  if (solid === 0) return 0;
  let inWords = 0;
  for (const [letters] of text.matchAll(LETTERS)) if (isWordLike(letters)) inWords += letters.length;
  return 1 - inWords / solid;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Alphabets and counts that people write in place of a value: `abcdefgh`, `0123456789abcdef`, `123456789`. */
function isSequence(text: string): boolean {
  let steps = 0;
  for (let i = 1; i < text.length; i++) {
    const step = text.charCodeAt(i) - text.charCodeAt(i - 1);
    if (step === 1 || step === 0) steps++;
  }
  return steps > text.length * 0.6;
}

/**
 * Whether a text looks drawn at random: letters and digits mixed, few words, no alphabet or count.
 * @param least how many characters it takes at least
 */
export function isRandom(text: string, least: number): boolean {
  if (text.length < least || isSequence(text)) return false;
  const plain = text.replace(ALGORITHMS, '');
  return plain.length >= least / 2 && isMixture(plain);
}

function isMixture(text: string): boolean {
  const digits = (text.match(/\d/g) ?? []).length;
  if (digits === text.replace(/[^A-Za-z0-9]/g, '').length) return false;
  const isMixedCase = /[a-z]/.test(text) && /[A-Z]/.test(text);
  // Twenty random letters and digits hold no digit in one of thirty cases; a name often holds none.
  if (digits === 0 && !(isMixedCase && text.length >= 16)) return false;
  const leastBits = Math.min(2.9, Math.log2(text.length) * 0.72);
  if (shannonEntropy(text) < leastBits) return false;
  return (
    wordlessShare(text) >= (digits === 0 ? 0.65 : 0.4) ||
    changesOfKind(text) >= Math.max(6, text.length / 6) ||
    oddCapitals(text) >= Math.max(3, text.length / 9)
  );
}

/** How often letters and digits take turns: in names seldom more than twice. */
function changesOfKind(text: string): number {
  return (text.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])/g) ?? []).length;
}

/** Capitals that no name has: alone between small letters and capitals (`sKftTmJHpOc`). */
function oddCapitals(text: string): number {
  return (text.match(/[a-z][A-Z](?=[A-Z\d]|[a-z][A-Z\d]|$)|[A-Z][a-z](?=[A-Z])/g) ?? []).length;
}
