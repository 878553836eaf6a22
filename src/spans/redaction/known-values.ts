import type { Found } from './search/finding.js';
import type { WorkBudget } from './search/work-budget.js';

const LEAST_LENGTH = 8;
/** What begins at a character is looked up by the two characters there. */
const PAIRS = 1 << 16;

/**
 * Secrets that are known: found whatever their form, as they are, as they stand in JSON (once and
 * twice), percent-encoded, and within base64 (`user:password` of Basic too).
 */
export class KnownValues {
  readonly #byPair = new Map<number, string[]>();
  /** A bit for each pair of characters that begins a value, so that most places cost one look. */
  readonly #pairs: Uint8Array | undefined;

  constructor(values: Iterable<string>) {
    const needles = new Set([...values].filter(isUsable).flatMap(formsOf));
    if (needles.size === 0) return;
    this.#pairs = new Uint8Array(PAIRS);
    for (const needle of [...needles].sort((a, b) => b.length - a.length)) {
      const pair = pairAt(needle, 0);
      this.#pairs[pair] = 1;
      this.#byPair.set(pair, [...(this.#byPair.get(pair) ?? []), needle]);
    }
  }

  find(text: string, budget: WorkBudget): Found[] {
    const found: Found[] = [];
    const pairs = this.#pairs;
    if (!pairs) return found;
    for (let i = 0; i < text.length - LEAST_LENGTH + 1; i++) {
      const pair = ((text.charCodeAt(i) & 255) << 8) | (text.charCodeAt(i + 1) & 255);
      if (pairs[pair] === 0) continue;
      budget.spend(1);
      const needle = this.#byPair.get(pair)?.find((value) => text.startsWith(value, i));
      if (needle === undefined) continue;
      found.push({ start: i, end: i + needle.length, kind: 'known-value' });
      i += needle.length - 1;
    }
    return found;
  }
}

function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 255) << 8) | (text.charCodeAt(at + 1) & 255);
}

/** Eight characters or more with digit and letter; no path, no date, no address, nothing with blanks at its ends. */
function isUsable(value: string): boolean {
  if (value.length < LEAST_LENGTH || value.length > 16_384) return false;
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return !/^(?:[/~.]|[A-Za-z]:\\|\d{4}-\d\d-\d\d|[a-z+]{2,12}:\/\/|\$)/.test(value);
}

/** The ways in which a value stands in a text. */
function formsOf(value: string): string[] {
  const inJson = JSON.stringify(value).slice(1, -1);
  const inJsonTwice = JSON.stringify(inJson).slice(1, -1);
  return [value, inJson, inJsonTwice, percentEncoded(value), ...base64Cores(value)];
}

function percentEncoded(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    // A lone surrogate.
    return value;
  }
}

/**
 * The characters of base64 that depend on the value alone, for each of the three places it can have
 * within a group of three bytes. Values of less than 12 bytes would leave too little to be sure.
 */
function base64Cores(value: string): string[] {
  const bytes = [...new TextEncoder().encode(value)];
  // What is longer than any password or key is found as it is.
  if (bytes.length < 12 || bytes.length > 4096) return [];
  return [0, 1, 2].map((shift) => {
    const whole = btoa(String.fromCharCode(...new Array<number>(shift).fill(0), ...bytes));
    const from = Math.ceil((shift * 8) / 6);
    const to = Math.floor(((shift + bytes.length) * 8) / 6);
    return whole.slice(from, to);
  });
}
