import { SEARCHES } from './finders/searches.js';
import { KnownValues } from './known-values.js';
import { PersonalData } from './personal-data.js';
import { type Found, mergeFindings } from './search/finding.js';
import { OutOfBudget, WorkBudget } from './search/work-budget.js';
import { SecretMarks } from './secret-marks.js';
import { classifyName, type NameClass } from './values/secret-names.js';
import { isSecretValue } from './values/secret-value.js';

/** Finds what the user's own patterns match. @throws OutOfBudget where one takes too long */
export type OwnPatterns = (text: string) => readonly Found[];

export interface RedactorOptions {
  /** Secrets that are known: of the environment, of credential files. They stay in memory. */
  readonly knownValues?: Iterable<string>;
  /** Begins a turn's search for what the user's own patterns match. */
  readonly ownPatterns?: () => OwnPatterns;
  /** Takes e-mail addresses and this user name out as well. */
  readonly personalData?: { readonly userName: string | undefined };
  /** Begins a turn's time for redaction. */
  readonly startClock?: () => SearchClock;
}

/** The time that the search of one turn's texts may take, whatever else is done between them. */
export interface SearchClock {
  /** Searches one text. */
  during<Found>(search: () => Found): Found;
  /** Whether the time is over. */
  isLate(): boolean;
}

/**
 * What one turn's search may cost, in characters looked at. A turn of 16 MiB of ordinary text costs some 100 million, the worst text that was found 150 a character.
 * The clock ends the search before that on a slow machine.
 */
export const TURN_WORK = 1_000_000_000;

/** The mark of a text that was not searched to its end: nothing of it leaves. */
export const UNSEARCHED = 'not-searched';

/** So long a text is worth remembering. */
const SHORT = 200;

/** What is made once for all traces of a process. */
export class Redactor {
  readonly #known: KnownValues;
  readonly #personal: PersonalData | undefined;
  readonly #options: RedactorOptions;

  constructor(options: RedactorOptions = {}) {
    this.#options = options;
    this.#known = new KnownValues(options.knownValues ?? []);
    this.#personal = options.personalData && new PersonalData(options.personalData.userName);
  }

  /** Begins a trace, or one thread's part of it. @param first its first mark's number */
  begin(first = 1): TraceRedaction {
    const clock = this.#options.startClock?.();
    const budget = new WorkBudget(TURN_WORK, clock && (() => clock.isLate()));
    const own = this.#options.ownPatterns?.();
    const find = (text: string) => this.findings(text, budget, own);
    return new TraceRedaction(
      clock ? (text) => clock.during(() => find(text)) : find,
      new SecretMarks(first),
    );
  }

  /** All secrets of a text, without overlap, by place. @throws OutOfBudget */
  findings(text: string, budget: WorkBudget, own?: OwnPatterns): Found[] {
    budget.spend(text.length);
    const lower = text.toLowerCase();
    return mergeFindings([
      ...this.#known.find(text, budget),
      ...SEARCHES.flatMap(({ sign, find }) => (!sign || sign(text, lower) ? find(text, budget) : [])),
      ...(own?.(text) ?? []),
      ...(this.#personal?.find(text, budget) ?? []),
    ]);
  }
}

/** Takes the secrets out of one trace's texts, and keeps count. */
export class TraceRedaction {
  readonly #find: (text: string) => Found[];
  readonly #marks: SecretMarks;
  /** Short texts in which nothing was found: names, kinds and folders come again with every span. */
  readonly #clean = new Set<string>();
  /** What the names of data say, likewise. */
  readonly #classes = new Map<string, NameClass | undefined>();

  constructor(find: (text: string) => Found[], marks: SecretMarks) {
    this.#find = find;
    this.#marks = marks;
  }

  /** How many marks were set, by kind. */
  get counts(): ReadonlyMap<string, number> {
    return this.#marks.counts;
  }

  /** The text with a mark in the place of each secret. A text that could not be searched is a mark. */
  redact(text: string): string {
    // The shortest secret with its name takes more.
    if (text.length < 8 || this.#clean.has(text)) return text;
    let findings: Found[];
    try {
      findings = this.#find(text);
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      this.#marks.count(UNSEARCHED);
      return `[REDACTED:${UNSEARCHED}]`;
    }
    if (findings.length === 0) {
      if (text.length <= SHORT) this.#clean.add(text);
      return text;
    }
    let clean = '';
    let done = 0;
    for (const found of findings) {
      const { start, end, kind, quote = '' } = besideEscapes(text, found);
      if (start < done || end <= start) continue;
      const mark = this.#marks.markFor(text.slice(start, end), kind);
      clean += text.slice(done, start) + quote + mark + quote;
      done = end;
    }
    return clean + text.slice(done);
  }

  /** The mark of a value that is a secret by its name (`{"password": …}` as data), or nothing. */
  redactNamed(name: string, value: string): string | undefined {
    if (name.length > 100) return undefined;
    if (!this.#classes.has(name)) this.#classes.set(name, classifyName(name));
    const nameClass = this.#classes.get(name);
    if (nameClass === undefined || !isSecretValue(value, { name, nameClass, style: 'quoted' }))
      return undefined;
    return this.#marks.markFor(value, nameClass === 'password' ? 'password' : 'secret');
  }
}

/**
 * A finding that does not begin or end within an escape of JSON: in `\\ntoken` the `n` is the line break's.
 * Half an escape in front of a mark would end what was JSON.
 */
function besideEscapes(text: string, found: Found): Found {
  const { start, end } = found;
  const isEscaped = (at: number) => {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++;
    return backslashes % 2 === 1;
  };
  const inUnicode = /\\u[0-9a-f]{0,3}$/i.exec(text.slice(Math.max(0, start - 5), start))?.[0].length;
  const from = inUnicode !== undefined && isEscaped(start - inUnicode + 1) ? start + 6 - inUnicode : start;
  const shift =
    isEscaped(from) && /["\\/bfnrtu]/.test(text.charAt(from)) ? (text.charAt(from) === 'u' ? 5 : 1) : 0;
  return { ...found, start: from + shift, end: isEscaped(end) ? end - 1 : end };
}
