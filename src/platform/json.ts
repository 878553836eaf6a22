/**
 * Readers for JSON of unknown shape. Codex's lines change from version to version, so a field of
 * the wrong type is the same as a missing one: `undefined`, never an exception.
 */

export type JsonObject = { readonly [key: string]: unknown };

/** The value as an object (not an array, not null), or undefined. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The value as an array; anything else is an empty one. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a string, the empty one included, or undefined. */
export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value as a string with something in it, or undefined. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value as a finite number, or undefined. */
export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The strings of an array; other elements are left out. */
export function asStrings(value: unknown): string[] {
  return asArray(value).filter((element): element is string => typeof element === 'string');
}

/** An object's type after `compact`: a key that may be undefined is one that may be absent. */
export type Compact<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

/**
 * The object without the keys whose value is undefined, as `exactOptionalPropertyTypes` wants it; the object itself
 * where it has none such: every line and every span of a turn comes by here.
 */
export function compact<const T extends object>(object: T): Compact<T> {
  const record = object as Record<string, unknown>;
  for (const key in record) if (record[key] === undefined) return defined(record) as Compact<T>;
  return record as Compact<T>;
}

function defined(record: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key in record) if (record[key] !== undefined) result[key] = record[key];
  return result;
}
