import { asArray, asObject, asString, asText, compact } from '../../platform/json.js';
import type { ContentPart } from './rollout-event.js';

/**
 * The parts of a message or of a tool's output (`content` or `output`: a string, or an array of
 * parts whose types end in `text` or `image`, in Codex's two spellings). Image data is not kept.
 */
export function parseContent(value: unknown): ContentPart[] {
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'text', text: value }];
  return asArray(value).flatMap((part): ContentPart[] => {
    const object = asObject(part);
    if (!object) return [];
    const text = asString(object['text']);
    if (text !== undefined) return text === '' || isImageWrapper(text) ? [] : [{ type: 'text', text }];
    const kind = asText(object['type']) ?? 'unknown';
    if (!/image/i.test(kind)) return [{ type: 'other', kind }];
    const url = asText(object['image_url']) ?? asText(asObject(object['image_url'])?.['url']);
    return [imagePart(url, asText(object['path']))];
  });
}

/** Describes an image by its data URL or its path, without keeping a byte of it. */
export function imagePart(url: string | undefined, path?: string): ContentPart {
  const data = url?.match(/^data:([^;,]*)(;base64)?,/);
  if (url === undefined || !data) return compact({ type: 'image' as const, source: path ?? url });
  const payload = url.length - data[0].length;
  return compact({
    type: 'image' as const,
    mediaType: data[1] || undefined,
    bytes: data[2]
      ? Math.floor((payload * 3) / 4) - (url.endsWith('==') ? 2 : url.endsWith('=') ? 1 : 0)
      : payload,
    source: path,
  });
}

/** Codex puts `<image name=…>` and `</image>` around an attached image. */
function isImageWrapper(text: string): boolean {
  return text === '</image>' || /^<image( [^>]*)?>$/.test(text);
}
