// @ts-check
/**
 * Reads an OTLP ExportTraceServiceRequest (protobuf) into plain objects, for tests and the demo.
 * Field numbers are those of opentelemetry-proto 1.x, trace/v1 and common/v1. OpenTelemetry's own
 * JavaScript packages only write this message.
 */

/** @typedef {Record<string, unknown>} Attributes strings, numbers, booleans, bytes, lists and records; bigint beyond 2^53 */

/**
 * @typedef {object} DecodedSpan
 * @property {string} traceId hex
 * @property {string} spanId hex
 * @property {string} parentSpanId hex, '' for a root
 * @property {string} name
 * @property {number} kind 1 INTERNAL, 3 CLIENT
 * @property {number} startMs
 * @property {number} endMs
 * @property {Attributes} attributes
 * @property {{ name: string, timeMs: number, attributes: Attributes }[]} events
 * @property {{ traceId: string, spanId: string }[]} links
 * @property {{ code: number, message: string }} status code 0 UNSET, 1 OK, 2 ERROR
 * @property {Attributes} resource
 * @property {{ name: string, version: string }} scope
 */

/** @typedef {{ number: number, varint: bigint, fixed: bigint, bytes: Buffer }} Field */

/**
 * All spans of a request, in the order they were sent.
 * @param {Buffer} request not compressed
 * @returns {DecodedSpan[]}
 * @throws {RangeError} where the bytes are no protobuf message
 */
export function decodeTraceRequest(request) {
  return all(request, 1).flatMap((resourceSpans) => {
    const resource = attributesOf(all(bytesOf(resourceSpans, 1), 1));
    return all(resourceSpans, 2).flatMap((scopeSpans) => {
      const scope = bytesOf(scopeSpans, 1);
      const named = { name: textOf(scope, 1), version: textOf(scope, 2) };
      return all(scopeSpans, 2).map((span) => ({ ...decodeSpan(span), resource, scope: named }));
    });
  });
}

/** @param {Buffer} span */
function decodeSpan(span) {
  const status = bytesOf(span, 15);
  return {
    traceId: bytesOf(span, 1).toString('hex'),
    spanId: bytesOf(span, 2).toString('hex'),
    parentSpanId: bytesOf(span, 4).toString('hex'),
    name: textOf(span, 5),
    kind: Number(last(span, 6)?.varint ?? 0),
    startMs: millisOf(span, 7),
    endMs: millisOf(span, 8),
    attributes: attributesOf(all(span, 9)),
    events: all(span, 11).map((event) => ({
      name: textOf(event, 2),
      timeMs: millisOf(event, 1),
      attributes: attributesOf(all(event, 3)),
    })),
    links: all(span, 13).map((link) => ({
      traceId: bytesOf(link, 1).toString('hex'),
      spanId: bytesOf(link, 2).toString('hex'),
    })),
    status: { code: Number(last(status, 3)?.varint ?? 0), message: textOf(status, 2) },
  };
}

/** @param {Buffer[]} keyValues @returns {Attributes} */
function attributesOf(keyValues) {
  return Object.fromEntries(
    keyValues.map((keyValue) => [textOf(keyValue, 1), anyValue(bytesOf(keyValue, 2))]),
  );
}

/** @param {Buffer} value @returns {unknown} */
function anyValue(value) {
  const field = fieldsOf(value)[0];
  switch (field?.number) {
    case 1:
      return field.bytes.toString('utf8');
    case 2:
      return field.varint !== 0n;
    case 3: {
      const integer = BigInt.asIntN(64, field.varint);
      return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
    }
    case 4: {
      const bits = Buffer.alloc(8);
      bits.writeBigUInt64LE(field.fixed);
      return bits.readDoubleLE();
    }
    case 5:
      return all(field.bytes, 1).map(anyValue);
    case 6:
      return attributesOf(all(field.bytes, 1));
    case 7:
      return field.bytes;
    default:
      return null;
  }
}

/** Unix nanoseconds as milliseconds. @param {Buffer} message @param {number} number */
function millisOf(message, number) {
  return Number((last(message, number)?.fixed ?? 0n) / 1000n) / 1000;
}

/** @param {Buffer} message @param {number} number */
function textOf(message, number) {
  return bytesOf(message, number).toString('utf8');
}

/** @param {Buffer} message @param {number} number */
function bytesOf(message, number) {
  return last(message, number)?.bytes ?? Buffer.alloc(0);
}

/** @param {Buffer} message @param {number} number */
function last(message, number) {
  return fieldsOf(message)
    .filter((field) => field.number === number)
    .at(-1);
}

/** @param {Buffer} message @param {number} number */
function all(message, number) {
  return fieldsOf(message)
    .filter((field) => field.number === number)
    .map((field) => field.bytes);
}

/** @param {Buffer} message @returns {Field[]} */
function fieldsOf(message) {
  const fields = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    /** @type {Field} */
    const field = { number: tag >>> 3, varint: 0n, fixed: 0n, bytes: Buffer.alloc(0) };
    switch (tag & 7) {
      case 0:
        field.varint = varint();
        break;
      case 1:
        field.fixed = message.readBigUInt64LE(at);
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        if (at + length > message.length) throw new RangeError('a field is longer than its message');
        field.bytes = message.subarray(at, at + length);
        at += length;
        break;
      }
      case 5:
        field.fixed = BigInt(message.readUInt32LE(at));
        at += 4;
        break;
      default:
        throw new RangeError(`wire type ${tag & 7} is not used by OTLP`);
    }
    fields.push(field);
  }
  return fields;
}
