import { createHash } from 'node:crypto';
import type { PreparedTurn } from '../../../src/delivery/sending/prepared/prepare-turn.js';
import type { AttributeValue, SpanSpec } from '../../../src/spans/span-spec.js';

/** What the recordings of a file have in common, and is not written with each. */
export interface Usual {
  /** What most spans of a type have: type -> key -> the value as it is written. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Messages that many recordings have, most of them Codex's own: SHA-256 -> name and what it says. */
  readonly messages: ReadonlyMap<string, UsualMessage>;
}

interface UsualMessage {
  readonly name: string;
  readonly says: string;
}

const NOTHING: Usual = { values: new Map(), messages: new Map() };

/** Longer texts are written by their beginning, their length and their SHA-256. */
const WHOLE_TEXT = 120;
/** Longer objects and lists, when their long texts are shortened, by their length and SHA-256 alone. */
const WHOLE_JSON = 700;
const USAGE = 'gen_ai.usage.';
/** Attributes that come and go with Codex's versions. */
const SOME_VERSIONS = /time_to_first|response\.id|cache_|reasoning|used_percent|effort|vcs/;

/** A span with everything it has, as lines. */
interface NotedSpan {
  readonly type: string;
  readonly head: string;
  readonly values: ReadonlyMap<string, string>;
  /** The messages that no span before it has told: number -> the message. */
  readonly messages: ReadonlyMap<string, string>;
}

/** What the spans of one recording are written by. */
interface Names extends Pick<Usual, 'messages'> {
  /** Of the spans, by trace and span id. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Of the messages, by their JSON text: the number with which each was told first. */
  readonly told: Map<string, string>;
}

/**
 * All spans of a recording as text: one attribute a line, each message once, times from the turn's start.
 * Nothing is left out but what is usual; what a span lacks of that is named.
 */
export function noteRecording(prepared: readonly PreparedTurn[], usual: Usual = NOTHING): string {
  return notedTurns(prepared, usual)
    .flatMap(({ head, spans }) => [head, ...spans.flatMap((span) => linesOf(span, usual))])
    .join('\n');
}

/** What more than half of the spans of a type have, and the messages of more than two recordings. */
export function usualOf(recordings: readonly (readonly PreparedTurn[])[]): Usual {
  const messages = usualMessages(recordings);
  const turns = recordings.flatMap((prepared) => notedTurns(prepared, { ...NOTHING, messages }));
  const spans = turns.flatMap((turn) => turn.spans);
  const types = [...new Set(spans.map(({ type }) => type))].sort();
  const values = types.map((type): [string, Map<string, string>] => [
    type,
    valuesOfMost(spans.filter((span) => span.type === type)),
  ]);
  return { values: new Map(values), messages };
}

/** What is usual, as the head of a file. */
export function noteUsual({ values, messages }: Usual): string {
  const sections = [...values].map(([type, usual]) => [
    `usual ${type}`,
    ...[...usual].map(([key, value]) => `    ${key}: ${value}`),
    '',
  ]);
  const told = [...messages].map(([sha256, { name, says }]) => `    ${name} ${sha256} ${says}`);
  return [...sections.flat(), 'usual messages', ...told, ''].join('\n');
}

/** What is usual, from the head of a file. */
export function readUsual(text: string): Usual {
  const sections = text.split(/^usual /m).slice(1);
  const read = sections.map((section): [string, string[]] => {
    const [type = '', ...lines] = section.trimEnd().split('\n');
    return [type, lines.map((line) => line.trim())];
  });
  const messages = (read.pop()?.[1] ?? []).map((line): [string, UsualMessage] => {
    const [name = '', sha256 = '', says = ''] = line.split(/ (\S+) (.*)/s);
    return [sha256, { name, says }];
  });
  const values = read.map(([type, lines]): [string, Map<string, string>] => [
    type,
    new Map(lines.map(keyAndValue)),
  ]);
  return { values: new Map(values), messages: new Map(messages) };
}

function keyAndValue(line: string): [string, string] {
  const [key = '', value = ''] = line.split(/: (.*)/s);
  return [key, value];
}

function usualMessages(recordings: readonly (readonly PreparedTurn[])[]): Map<string, UsualMessage> {
  const counts = new Map<string, number>();
  for (const prepared of recordings) {
    const messages = new Map<string, string>();
    for (const { attributes } of prepared.flatMap(({ specs }) => specs))
      for (const value of Object.values(attributes))
        written(value, { ...NOTHING, numbers: new Map(), told: messages });
    for (const json of messages.keys()) counts.set(json, (counts.get(json) ?? 0) + 1);
  }
  const many = [...counts].filter(([json, count]) => count > 2 && json.length > WHOLE_TEXT);
  return new Map(
    many.map(([json], index) => [
      sha256Of(json),
      { name: `u${index + 1}`, says: shortened(JSON.parse(json)) },
    ]),
  );
}

/** The same in a line a span, of which the attributes are there by their SHA-256 alone. */
export function noteBriefly(prepared: readonly PreparedTurn[]): string {
  return notedTurns(prepared, NOTHING)
    .flatMap(({ head, spans }) => [
      head,
      ...spans.map((span) => `${span.head}, ${sha256Of(linesOf(span, NOTHING).join('\n'))}`),
    ])
    .join('\n');
}

/** What two recordings have in common that show the same: names, places and kinds of spans, and which attributes. */
export function shapeOf(prepared: readonly PreparedTurn[]): string {
  const specs = prepared.flatMap((turn) => turn.specs);
  const places = new Map(specs.map(({ spanId }, index) => [spanId, index]));
  return JSON.stringify(
    specs.map(({ name, parentSpanId = '', status, attributes }) => [
      name.replace(/^chat .*/, 'chat'),
      places.get(parentSpanId),
      status.code,
      Object.keys(attributes)
        .filter((key) => !SOME_VERSIONS.test(key))
        .sort(),
    ]),
  );
}

/** A text's length and SHA-256, in short. */
function digestOf(text: string): string {
  return `«${text.length} characters, sha256 ${sha256Of(text)}»`;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function valuesOfMost(spans: readonly NotedSpan[]): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const { values } of spans) {
    for (const [key, value] of values) {
      const of = counts.get(key) ?? new Map<string, number>();
      counts.set(key, of.set(value, (of.get(value) ?? 0) + 1));
    }
  }
  const usual = [...counts].flatMap(([key, values]) =>
    [...values]
      .filter(([, count]) => 2 * count > spans.length)
      .map(([value]): [string, string] => [key, value]),
  );
  return new Map(usual.sort(byKey));
}

function linesOf({ type, head, values, messages }: NotedSpan, all: Usual): string[] {
  const usual = all.values.get(type) ?? new Map<string, string>();
  const own = [...values].filter(([key, value]) => usual.get(key) !== value).sort(byKey);
  const without = [...usual.keys()].filter((key) => !values.has(key));
  return [
    head,
    ...own.map(([key, value]) => `    ${key}: ${value}`),
    ...(without.length > 0 ? [`    without: ${without.join(', ')}`] : []),
    ...[...messages].map(([number, message]) => `      ${number} ${message}`),
  ];
}

function notedTurns(
  prepared: readonly PreparedTurn[],
  { messages }: Usual,
): { head: string; spans: NotedSpan[] }[] {
  const specs = prepared.flatMap((turn) => turn.specs);
  const names: Names = {
    numbers: new Map(specs.map(({ traceId, spanId }, index) => [`${traceId} ${spanId}`, index + 1])),
    messages,
    told: new Map(),
  };
  return prepared.map((turn) => {
    const [agent] = turn.specs;
    const thread = threadOf(turn);
    const session = turn.root.threadId === thread ? '' : `, session ${turn.root.threadId}`;
    const begun = new Date(agent?.startMs ?? Number.NaN).toISOString();
    return {
      head: `-- ${turn.traceId} ${begun} Codex ${turn.serviceVersion} ${thread}${session}`,
      spans: turn.specs.map((spec) => notedSpan(spec, turn, names)),
    };
  });
}

function threadOf({ specs: [agent] }: PreparedTurn): string {
  return String(agent?.attributes['gen_ai.conversation.id']);
}

function notedSpan(spec: SpanSpec, turn: PreparedTurn, names: Names): NotedSpan {
  const { name, spanId, parentSpanId, attributes } = spec;
  const turnMs = turn.specs[0]?.startMs ?? 0;
  const numberOf = (id: string) => String(names.numbers.get(`${spec.traceId} ${id}`) ?? id);
  const below = parentSpanId === undefined ? '' : ` below ${numberOf(parentSpanId)}`;
  const known = names.told.size;
  const kin = turn.specs[0]?.parentSpanId === undefined ? '' : ' of an agent';
  return {
    type: `${attributes['mlflow.spanType']}${kin}`,
    head: `${numberOf(spanId)}. ${name} ${spanId}${below}, ${spec.startMs - turnMs} to ${spec.endMs - turnMs} ms`,
    values: new Map([...ownFields(spec, turn, turnMs), ...attributeValues(spec, turn, names)]),
    messages: new Map(
      [...names.told].slice(known).map(([json, number]) => [number, shortened(JSON.parse(json))]),
    ),
  };
}

/** What a span has beside its attributes, name, ids and times. */
function ownFields(spec: SpanSpec, turn: PreparedTurn, turnMs: number): [string, string][] {
  const { name, spanId, parentSpanId, startMs, endMs, attributes, traceId, ...fields } = spec;
  const { kind, status, events, links = [], ...others } = fields;
  return [
    ['(kind)', kind],
    ['(status)', status.code === 'ERROR' ? `ERROR ${shortened(status.message)}` : status.code],
    ...events.map((event, index): [string, string] => [
      `(event ${index + 1})`,
      `${event.name} ${event.timeMs - turnMs} ms ${shortened(event.attributes)}`,
    ]),
    ...links.map((link, index): [string, string] => [`(link ${index + 1})`, shortened(link)]),
    ...(traceId === turn.traceId ? [] : [['(trace)', traceId] as [string, string]]),
    ...Object.entries(others).map(([key, value]): [string, string] => [`(${key})`, shortened(value)]),
  ];
}

function attributeValues(spec: SpanSpec, turn: PreparedTurn, names: Names): [string, string][] {
  const thread = threadOf(turn);
  const values = Object.entries(spec.attributes);
  const usage = values
    .filter(([key]) => key.startsWith(USAGE))
    .map(([key, n]) => [key.slice(USAGE.length), n]);
  const others = values
    .filter(([key]) => !key.startsWith(USAGE))
    .map(([key, value]): [string, string] => {
      if (value === thread && key.endsWith('.id')) return [key, '(thread)'];
      if (value === turn.root.threadId && key.endsWith('.id')) return [key, '(session)'];
      return [key, value === spec.name ? '(name)' : written(value, names)];
    });
  // Five attributes of numbers, on one line.
  return usage.length === 0
    ? others
    : [...others, [`${USAGE}…`, usage.map(([key, count]) => `${key} ${JSON.stringify(count)}`).join(', ')]];
}

/** A value on one line: a text in quotes, JSON as it is, but for long texts and messages. */
function written(value: AttributeValue, names: Names): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (!/^[{[]/.test(value)) return shortened(value);
  const parsed: unknown = JSON.parse(value);
  const text = withRanges(shortened(withNumbers(parsed, names)));
  const whole = text.length > WHOLE_JSON ? digestOf(value) : text;
  return JSON.stringify(parsed) === value ? whole : `${whole} written as ${digestOf(value)}`;
}

/** With its number in the place of each message: each is told in a line of its own, once a recording. */
function withNumbers(value: unknown, names: Names): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => withNumbers(element, names));
  if (!('role' in value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, element]) => [key, withNumbers(element, names)]),
    );
  }
  const json = JSON.stringify(value);
  const usual = names.messages.get(sha256Of(json));
  if (usual) return usual.name;
  if (!names.told.has(json)) names.told.set(json, `m${names.told.size + 1}`);
  return names.told.get(json);
}

/** `["u1","m3","m4","m5"]` as `[u1,m3…m5]`. */
function withRanges(text: string): string {
  return text.replace(/"([um]\d+)"(?=[,\]}])/g, '$1').replace(/\bm\d+(?:,m\d+)+/g, (list) => {
    const runs: number[][] = [];
    for (const number of list.split(',').map((name) => Number(name.slice(1)))) {
      if (number === (runs.at(-1)?.at(-1) ?? Number.NaN) + 1) runs.at(-1)?.push(number);
      else runs.push([number]);
    }
    return runs.map((run) => (run.length === 1 ? `m${run[0]}` : `m${run[0]}…m${run.at(-1)}`)).join(',');
  });
}

function shortened(value: unknown): string {
  return JSON.stringify(value, (_, element) =>
    typeof element === 'string' && element.length > WHOLE_TEXT
      ? `${element.slice(0, 40)}… ${digestOf(element)}`
      : element,
  );
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
