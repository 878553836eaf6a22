import { readdirSync } from 'node:fs';
import { platform } from 'node:os';
import path from 'node:path';
import { realFolder } from '../platform/files/folders-upward.js';

/**
 * Whether nothing of a folder is to be sent: a pattern names it, or a folder above it. `*` stands for
 * anything within one name, `~` for the home folder. Links are followed on both sides: a home that is a
 * link is named by its real path in most payloads, and by the other in the pattern.
 */
export function isExcluded(folder: string, patterns: readonly string[], homeDir: string): boolean {
  if (patterns.length === 0) return false;
  const folders = [folder, realFolder(folder)].map(partsOf);
  const isBelow = (parts: readonly string[]) => folders.some((names) => isNamedBy(names, parts));
  return patterns.some((pattern) => {
    const whole = /^~(?=$|[/\\])/.test(pattern) ? path.join(homeDir, pattern.slice(1)) : pattern;
    return [whole, ...realPlaces(whole)].some((place) => isBelow(partsOf(place)));
  });
}

function isNamedBy(names: readonly string[], parts: readonly string[]): boolean {
  return parts.length <= names.length && parts.every((part, i) => isNamed(names[i] ?? '', part));
}

/**
 * Where the links lead that a pattern passes through. `*` stays as it is, beside the names that a link may
 * hide behind it: what lies in a plain folder is named by the text alone, there or not.
 */
function realPlaces(pattern: string): string[] {
  const whole = path.resolve(pattern);
  const { root } = path.parse(whole);
  const parts = whole.slice(root.length).split(/[/\\]/);
  let places = [root];
  parts.forEach((part, i) => {
    const isLast = i === parts.length - 1;
    places = places.flatMap((at) =>
      [part, ...(part.includes('*') ? namesIn(at, part, isLast) : [])].map((name) =>
        realFolder(path.join(at, name)),
      ),
    );
  });
  return places;
}

/** The folders and links in a folder, or the links alone, whose names a pattern's part stands for. */
function namesIn(folder: string, part: string, linksAlone: boolean): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink() || (!linksAlone && entry.isDirectory()))
      .map(({ name }) => name)
      .filter((name) => isNamed(name, part));
  } catch {
    // What cannot be read here is no turn's folder of this user's either.
    return [];
  }
}

function partsOf(folder: string): string[] {
  return path.resolve(folder).split(/[/\\]/).filter(Boolean);
}

function isNamed(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*').map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  // The usual file systems of both take names in either case for the same.
  const flags = ['win32', 'darwin'].includes(platform()) ? 'i' : '';
  return new RegExp(`^${[first, ...rest].join('.*')}$`, flags).test(name);
}
