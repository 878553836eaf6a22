import { parseArgs } from 'node:util';

/** One option of a command: what the command line may say, and what help says of it. */
export interface Option {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** What stands for a text's value in help, such as `URI`. */
  readonly value?: string;
  /** A text's value where the command line has none. */
  readonly default?: string;
  /** Help's words; an option without is another name of the one before, and is not listed. */
  readonly help?: string;
}

/** All options of a command, by their long names: the one place where they are written down. */
export type Options = Readonly<Record<string, Option>>;

/** A switch is `false` where it is not given, a text `undefined`. */
export type OptionValues<O extends Options> = {
  -readonly [Name in keyof O]: O[Name] extends { type: 'boolean' }
    ? boolean
    : O[Name] extends { default: string }
      ? string
      : string | undefined;
};

/** Options that several commands have. */
export const PROJECT = { type: 'boolean', short: 'p' } as const;
export const USER = { type: 'boolean', short: 'u' } as const;
export const SYSTEM = { type: 'boolean' } as const;
export const JSON_OPTION = {
  json: { type: 'boolean', help: 'Print one JSON document and nothing else on stdout' },
} as const;
export const DRY_RUN = {
  'dry-run': { type: 'boolean', help: 'Show what would be done, and do nothing' },
} as const;

/**
 * Reads a command's arguments by its table.
 * @throws parseArgs' own errors (ERR_PARSE_ARGS_*) for what the table does not know
 */
export function parseOptions<const O extends Options>(
  argv: readonly string[],
  options: O,
  { allowPositionals = false } = {},
): { values: OptionValues<O>; positionals: string[] } {
  const config = Object.entries(options).map(([name, { type, short, default: text }]) => {
    const fallback = type === 'boolean' ? { default: false } : text === undefined ? {} : { default: text };
    return [name, { type, ...(short === undefined ? {} : { short }), ...fallback }] as const;
  });
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals,
    options: Object.fromEntries(config),
  });
  return { values: values as OptionValues<O>, positionals };
}

/** The rows of help's table: how an option is written, and what it does. */
export function optionRows(options: Options): (readonly [string, string])[] {
  return Object.entries(options).flatMap(([name, { short, value, help }]) => {
    if (help === undefined) return [];
    const written = [short === undefined ? '' : `-${short}, `, `--${name}`, value ? ` ${value}` : ''];
    return [[written.join(''), help] as const];
  });
}
