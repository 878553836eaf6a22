import { asObject } from '../../platform/json.js';
import { jsonPlaces, placeAt } from '../../platform/json-place.js';
import { UserError } from '../../platform/problems/user-error.js';
import { readTrackingUri } from './tracking-uri.js';

/** What a tracing config may say; every field is optional. */
export interface TracingConfig {
  trackingUri?: string;
  experimentId?: string;
  experimentName?: string;
  enabled?: boolean;
  content?: 'full' | 'metadata';
  redact?: boolean;
  redactPatterns?: string[];
  redactPii?: boolean;
  maxContentBytes?: number;
  userId?: string;
  tags?: Record<string, string>;
  traceLocation?: string;
  headers?: Record<string, string>;
  resourceAttributes?: Record<string, string>;
  tokenFile?: string;
  serverCertPath?: string;
  clientCertPath?: string;
  sampleRatio?: number;
  exclude?: string[];
  /** Turns are shown while they go on. */
  live?: boolean;
  /** Of the system's file alone: its fields that no other source overrides. */
  required?: string[];
}

/** A wrong value: what it must be, and where in it the fault lies (`tags.team`, `redactPatterns.0`). */
class Wrong extends Error {
  constructor(
    message: string,
    readonly within = '',
    readonly hint?: string,
  ) {
    super(message);
  }
}

type Readers = { [K in keyof TracingConfig]-?: (value: unknown) => NonNullable<TracingConfig[K]> };

const READERS: Readers = {
  trackingUri(value) {
    const uri = readTrackingUri(text(value));
    if (uri.kind === 'problem') throw new Wrong(`: ${uri.message}`, '', uri.hint);
    return text(value).trim();
  },
  experimentId(value) {
    // A number is what people write; beyond 2^53 JSON has already changed it.
    const id = Number.isSafeInteger(value) ? String(value) : value;
    if (typeof id !== 'string' || !isExperimentId(id))
      throw new Wrong('must be digits in quotes (19 at most), such as "0"');
    return id;
  },
  experimentName: text,
  enabled: flag,
  content(value) {
    if (value !== 'full' && value !== 'metadata') throw new Wrong('must be "full" or "metadata"');
    return value;
  },
  redact: flag,
  redactPatterns(value) {
    if (!Array.isArray(value))
      throw new Wrong('must be a list of regular expressions, such as ["ticket-\\\\d+"]');
    return value.map((pattern, index) => {
      try {
        new RegExp(text(pattern));
      } catch {
        throw new Wrong('must be a regular expression', String(index));
      }
      return pattern as string;
    });
  },
  redactPii: flag,
  maxContentBytes(value) {
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      throw new Wrong('must be a whole number of bytes, such as 65536');
    return value as number;
  },
  userId: text,
  tags: texts,
  traceLocation(value) {
    if (!isTraceLocation(text(value))) throw new Wrong('must be "catalog.schema.prefix"');
    return text(value);
  },
  headers(value) {
    const headers = Object.entries(texts(value));
    for (const [name, content] of headers) {
      // RFC 9110: a token; a line break in a value would begin another header.
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new Wrong('is not the name of a header', name);
      if (OURS.test(name)) throw new Wrong('is a header that mlflow-codex sets itself', name);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      if (/[\u0000-\u001f\u007f]|[^\u0000-\u00ff]/.test(content))
        throw new Wrong('holds a character that no header can carry', name);
    }
    return Object.fromEntries(headers.map(([name, content]) => [name.toLowerCase(), content]));
  },
  resourceAttributes(value) {
    const attributes = texts(value);
    const ours = Object.keys(attributes).find((key) => /^(?:service|telemetry)\./.test(key));
    if (ours !== undefined) throw new Wrong('is an attribute that mlflow-codex sets itself', ours);
    return attributes;
  },
  tokenFile: absolutePath,
  serverCertPath: absolutePath,
  clientCertPath: absolutePath,
  sampleRatio(value) {
    if (typeof value !== 'number' || !(value >= 0 && value <= 1))
      throw new Wrong('must be a number from 0 to 1, such as 0.1');
    return value;
  },
  exclude(value) {
    if (!Array.isArray(value)) throw new Wrong('must be a list of folders, such as ["~/private/*"]');
    return value.map((folder, index) => absolutePath(folder, String(index)));
  },
  live: flag,
  required(value) {
    if (!Array.isArray(value)) throw new Wrong('must be a list of keys, such as ["trackingUri"]');
    for (const [index, key] of value.entries())
      if (typeof key !== 'string' || !isKey(key) || key === 'required')
        throw new Wrong('is none of the keys', String(index));
    return [...value];
  },
};

/** An experiment's id: digits, no more than a 64-bit integer has (MLflow 3.17, Databricks). */
export function isExperimentId(text: string): boolean {
  return /^\d{1,19}$/.test(text);
}

/** Headers that are ours, the connection's, or would carry credentials in a file. */
const OURS =
  /^(?:authorization|proxy-authorization|cookie|host|user-agent|connection|content-.*|transfer-encoding|x-mlflow-.*|x-databricks-.*)$/i;

/** `catalog.schema.prefix`: three names in Unity Catalog's plain alphabet. */
export function isTraceLocation(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/**
 * Reads a tracing config. `unknownKeys` are those we have no use for: a later version's, or a slip of
 * the pen; neither is an error. A byte order mark is skipped.
 * @throws UserError with file, line, column and remedy: not JSON, not an object, or a wrong value.
 */
export function parseTracingConfig(
  source: string,
  file: string,
): { config: TracingConfig; unknownKeys: string[] } {
  const json = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const refusal = (offset: number, message: string, remedy?: string): UserError => {
    const { line, column } = placeAt(json, offset);
    return new UserError(
      `${file}:${line}:${column}: ${message}`,
      remedy ?? `Correct ${file}, or delete it and run \`mlflow-codex setup\``,
    );
  };
  const data = asObject(parsed(json, refusal));
  const offsetOf = (path: string): number => offsetIn(json, path);
  if (data === undefined) throw refusal(offsetOf(''), 'must be a JSON object { … }');
  const config: TracingConfig = {};
  const unknownKeys: string[] = [];
  for (const [key, value] of Object.entries(data)) {
    if (key === '$schema') continue;
    if (isKey(key)) {
      const told = (path: string, fault: string, hint?: string) => refusal(offsetOf(path), fault, hint);
      Object.assign(config, { [key]: readField(key, value, told) });
    } else unknownKeys.push(key);
  }
  return { config, unknownKeys };
}

/** @throws UserError with the place, which `JSON.parse` does not say */
function parsed(json: string, refusal: (offset: number, message: string) => UserError): unknown {
  try {
    return JSON.parse(json);
  } catch {
    const places = jsonPlaces(json);
    const { offset, expected } = places.kind === 'error' ? places : { offset: 0, expected: 'JSON' };
    throw refusal(offset, `not valid JSON: expected ${expected}`);
  }
}

function offsetIn(json: string, path: string): number {
  const places = jsonPlaces(json);
  return places.kind === 'json' ? (places.offsets.get(path) ?? 0) : 0;
}

function isKey(key: string): key is keyof TracingConfig {
  return Object.hasOwn(READERS, key);
}

/**
 * @param refusal makes the error of a fault at a path (`tags.team`)
 * @throws UserError where the value is wrong
 */
function readField(
  key: keyof TracingConfig,
  value: unknown,
  refusal: (path: string, fault: string, hint?: string) => UserError,
): unknown {
  try {
    return READERS[key](value);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    const path = error.within === '' ? key : `${key}.${error.within}`;
    const joint = error.message.startsWith(':') ? '' : ' ';
    throw refusal(path, `"${path}"${joint}${error.message}`, error.hint);
  }
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') throw new Wrong('must be text in quotes, not empty');
  return value;
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Wrong('must be an object of texts, such as {"team": "search"}');
  for (const [key, content] of Object.entries(value))
    if (typeof content !== 'string') throw new Wrong('must be text in quotes', key);
  return { ...value } as Record<string, string>;
}

/** `~` is the home folder; a relative path would mean another file in every folder. */
function absolutePath(value: unknown, within = ''): string {
  if (typeof value !== 'string' || !/^(?:~(?=$|[/\\])|[/\\]|[a-z]:[/\\])/i.test(value))
    throw new Wrong('must be an absolute path, or begin with ~/', within);
  return value;
}

function flag(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Wrong('must be true or false, without quotes');
  return value;
}
