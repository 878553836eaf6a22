import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../../platform/files/write-whole.js';
import { asArray, asObject, asStrings, asText, compact } from '../../platform/json.js';
import type { LinkedSpan } from '../../spans/caller.js';

/** Attributes and links that the root had from its announcement and its run: client, tags, caller. */
export interface RootExtras {
  readonly attributes: { readonly [key: string]: string };
  readonly links: readonly LinkedSpan[];
}

/** Which steps of one trace a workspace has accepted, so that none of them is repeated. Never a word of its content. */
export interface TraceRecord {
  /** Ids of the spans it has: those of the last file that was uploaded, or all that went into the table. */
  readonly spanIds: readonly string[];
  /** Digests of what came late of turns it had already, such as the end of a background command. */
  readonly late?: readonly string[];
  /** A digest of the trace info it has. */
  readonly info?: string;
  /** What of the root no recording tells, for when its file is made again. */
  readonly root?: RootExtras;
  /** Threads that its parts came from, however they were found. */
  readonly threads?: readonly string[];
}

const NOTHING: TraceRecord = { spanIds: [] };
/** A subagent that ends later than this after its root makes the whole trace be sent once more: no harm. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** The records of one folder; what cannot be written is remembered for this run alone. */
export class TraceRecords {
  readonly #unwritten = new Map<string, TraceRecord>();

  constructor(readonly folder: string) {}

  /** @param key names trace and destination; letters, digits and hyphens */
  read(key: string): TraceRecord {
    const kept = this.#unwritten.get(key);
    if (kept !== undefined) return kept;
    try {
      const record = asObject(JSON.parse(readFileSync(this.#file(key), 'utf8')));
      return compact({
        spanIds: asStrings(record?.['spanIds']),
        late: Array.isArray(record?.['late']) ? asStrings(record['late']) : undefined,
        info: asText(record?.['info']),
        root: rootIn(record?.['root']),
        threads: Array.isArray(record?.['threads']) ? asStrings(record['threads']) : undefined,
      });
    } catch {
      return NOTHING;
    }
  }

  write(key: string, record: TraceRecord): void {
    try {
      writeWhole(this.#file(key), JSON.stringify(record));
      this.#unwritten.delete(key);
    } catch {
      this.#unwritten.set(key, record);
    }
  }

  /** Throws away what is so old that no part of its trace can be expected. */
  dropOld(nowMs: number): void {
    try {
      for (const name of readdirSync(this.folder)) {
        const file = path.join(this.folder, name);
        if (nowMs - statSync(file).mtimeMs > KEPT_MS) rmSync(file);
      }
    } catch {
      // No folder, or somebody else is at it.
    }
  }

  #file(key: string): string {
    return path.join(this.folder, `${key}.json`);
  }
}

function rootIn(value: unknown): RootExtras | undefined {
  const root = asObject(value);
  if (root === undefined) return undefined;
  const attributes = Object.entries(asObject(root['attributes']) ?? {}).flatMap(([key, text]) =>
    typeof text === 'string' ? [[key, text]] : [],
  );
  const links = asArray(root['links']).flatMap((element) => {
    const traceId = asText(asObject(element)?.['traceId']);
    const spanId = asText(asObject(element)?.['spanId']);
    return traceId === undefined || spanId === undefined ? [] : [{ traceId, spanId }];
  });
  return { attributes: Object.fromEntries(attributes), links };
}
