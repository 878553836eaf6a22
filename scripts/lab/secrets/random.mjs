const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

/** Draws from a seed, so that a run can be repeated; no value of it is a secret of anybody's. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, and without, 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  of(alphabet, length) {
    return Array.from({ length }, () => alphabet[Math.floor(this.next() * alphabet.length)]).join('');
  }

  hex = (length) => this.of(`${DIGITS}abcdef`, length);
  digits = (length) => this.of(DIGITS, length);
  upper = (length) => this.of(LOWER.toUpperCase() + DIGITS, length);
  base32 = (length) => this.of(`${LOWER.toUpperCase()}234567`, length);
  base36 = (length) => this.of(LOWER + DIGITS, length);
  base62 = (length) => this.of(LOWER + LOWER.toUpperCase() + DIGITS, length);
  base64 = (length) => this.of(`${LOWER}${LOWER.toUpperCase()}${DIGITS}+/`, length);
  base64url = (length) => this.of(`${LOWER}${LOWER.toUpperCase()}${DIGITS}-_`, length);
  uuid = () => `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-a${this.hex(3)}-${this.hex(12)}`;
  pick = (list) => list[Math.floor(this.next() * list.length)];

  /** What people choose: a word or two, digits, perhaps a sign. */
  password = () =>
    this.pick(['hunter', 'Sommer', 'winter', 'Tr0ub4dor', 'monkey', 'Blue', 'dragon', 'Passw0rt', 'kitten']) +
    this.digits(2 + Math.floor(this.next() * 3)) +
    this.pick(['', '!', 'secret', 'Xy', '#a', 'zz']);

  /** Base64 of bytes as lines of 64 characters, as PEM has it. */
  lines = (count, width = 64) => Array.from({ length: count }, () => this.base64(width)).join('\n');

  jwt = () => {
    const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
    return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: this.digits(10), jti: this.base62(12) })}.${this.base64url(43)}`;
  };
}
