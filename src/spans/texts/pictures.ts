import { imageNote } from '../../turn/chat-message.js';

/**
 * How base64 of a picture begins, by the file's first bytes: PNG, JPEG, GIF, WebP, BMP, TIFF, AVIF and
 * HEIC, ICO, SVG. What is no picture can begin so by chance only where the mark is short: those are
 * asked for more.
 */
const MARKS: readonly [mediaType: string, mark: string][] = [
  ['image/png', 'iVBORw0KGgo'],
  ['image/jpeg', '[/_]9j[/_][247](?=[\\w+/-]{60})'],
  ['image/gif', 'R0lGOD[dl]'],
  ['image/webp', 'UklGR[\\w+/-]{6}XRUJQ'],
  ['image/bmp', 'Qk[0-3][\\w+/-]{5}AAAAA'],
  ['image/tiff', '(?:SUkqA|TU0AK)(?=[\\w+/-]{60})'],
  ['image/avif', 'AAAA[\\w+/]GZ0eXBhdml[mz]'],
  ['image/heic', 'AAAA[\\w+/]GZ0eXB(?:oZWlj|taWYx)'],
  ['image/x-icon', 'AAABAA[EIMQ](?=[\\w+/-]{60})'],
  ['image/svg+xml', 'PHN2Zy'],
];

/** Between the lines of one base64 text: a break, also as JSON writes it, or Codex's note of what it cut. */
const BREAK = '(?:\\r?\\n|(?:\\\\r)?\\\\n|…\\d+ \\w+ truncated…)';
/** Our own note in a long text: see `cutMarker`. */
const CUT = '\\n\\[… \\d+ bytes cut by mlflow-codex …\\]\\n';
/** The lines after the first. */
const MORE = `(?:${BREAK}[\\w+/-]{40,}|${CUT}[\\w+/-]*)*`;

const BASE64 = new RegExp(
  `(?:(?<![\\w+/-])|(?<=\\\\[nrt]))(?:${MARKS.map(([, mark]) => `(${mark})`).join('|')})[\\w+/-]{16,}${MORE}(?:${BREAK}[\\w+/-]{1,80}(?=={1,2}|["'\\\\\\s]|$))?={0,2}`,
  'g',
);

/** A picture as a URL that holds it whole, in base64 or (SVG) in percent signs. */
const DATA_URL = new RegExp(
  `data:(image/[\\w.+-]{1,40})(?:;(?!base64)[\\w=.-]{1,40}){0,4}(?:;base64,([\\w+/-]+${MORE}={0,2})|,([^\\s"'\\\\<>)]{40,}))`,
  'gi',
);

/** A part of each mark, and of a URL: one stands in every text that holds a picture. Spares most the expressions. */
const SIGNS = ['iVBORw0KGgo', '9j', 'R0lGOD', 'UklGR', 'Qk', 'SUkqA', 'TU0AK', 'GZ0eX', 'AAABAA', 'PHN2Zy'];

/**
 * A text in which every picture is described, by kind and size, in place of its bytes: base64 of a
 * picture wherever it stands (a tool's result, JSON in a text, wrapped lines), and data URLs.
 */
export function describePictures(text: string): string {
  if (text.length < 40) return text;
  if (!SIGNS.some((sign) => text.includes(sign)) && !text.toLowerCase().includes('data:image/')) return text;
  return text
    .replace(DATA_URL, (_, mediaType: string, base64: string | undefined, plain: string | undefined) =>
      imageNote({ mediaType, bytes: plain?.length ?? sizeOf(base64 ?? '') }),
    )
    .replace(BASE64, (match: string, ...groups: unknown[]) => {
      const index = groups.slice(0, MARKS.length).findIndex((group) => group !== undefined);
      return imageNote({ mediaType: MARKS[index]?.[0] ?? 'image', bytes: sizeOf(match) });
    });
}

/** Bytes that a base64 text stands for. */
function sizeOf(base64: string): number {
  let digits = 0;
  const kept = base64.replace(/\n\[… (\d+) bytes cut by mlflow-codex …\]\n/g, (_, cutBytes: string) => {
    digits += Number(cutBytes);
    return '';
  });
  for (const line of kept.split(/\r?\n|(?:\\r)?\\n|…[^…]*…/)) digits += line.replace(/=+$/, '').length;
  return Math.floor((digits * 3) / 4);
}
