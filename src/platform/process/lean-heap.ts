const told = new Set<string>();

/**
 * From now on the heap grows by a third over what lives in it before V8 collects garbage, and no longer to
 * up to four times as much. For work whose memory is mostly garbage, such as reading hundreds of MB line by
 * line. A hook of a small turn does better without: it would collect more often than it needs to.
 * @param tell for tests
 */
export function keepHeapLean(tell: Tell = tellV8): void {
  once('--heap-growing-percent=33', tell);
}

/**
 * The room for young objects stays as large as it is. For reading long lines: a turn of 1,000 commands takes
 * 120 MB in place of 140 on Node 18 and 20, 140 in place of 256 on Node 24, and no more CPU. Many small objects,
 * as `sync` of many turns makes them, are collected five times as often then.
 * @param tell for tests
 */
export function keepYoungHeapSmall(tell: Tell = tellV8): void {
  // `--max-semi-space-size` counts at the start alone (Node 18 to 24); by how much it grows is asked each time.
  once('--semi-space-growth-factor=1', tell);
}

type Tell = (flag: string) => void;

function once(flag: string, tell: Tell): void {
  if (told.has(flag)) return;
  told.add(flag);
  tell(flag);
}

function tellV8(flag: string): void {
  // Loaded on use: most hooks do without.
  void import('node:v8').then(({ setFlagsFromString }) => setFlagsFromString(flag));
}
