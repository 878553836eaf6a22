/** How a notifier of ours is written: by its name, as node and a script, through npx; or by an older program. */
export type OurForm = 'name' | 'node' | 'npx' | 'older';

/**
 * Tells whether a notifier is ours, however it was registered; `undefined` for anybody else's. The
 * older form is `node …/@mlflow/codex/bundle/stop.js`, which this program replaces.
 */
export function ourForm(argv: readonly string[]): OurForm | undefined {
  const [program = '', ...rest] = argv;
  const name = baseName(program);
  if (name === 'mlflow-codex' && rest[0] === 'notify-hook') return 'name';
  if (name === 'npx' && rest.at(-1) === 'notify-hook' && rest.some(isOurPackage)) return 'npx';
  if (name !== 'node' && name !== 'nodejs') return undefined;
  const script = (rest.find((part) => !part.startsWith('-')) ?? '').replaceAll('\\', '/');
  if (/(?:^|\/)@mlflow\/codex\/bundle\/stop\.js$/.test(script)) return 'older';
  const isOurScript = /(?:^|\/)mlflow-codex(?:\.js)?$/.test(script);
  return isOurScript && rest.at(-1) === 'notify-hook' ? 'node' : undefined;
}

function isOurPackage(part: string): boolean {
  return /^(?:--package=)?@mlflow\/codex(?:@.+)?$/.test(part);
}

/** A program's name without its folder and Windows' extensions. */
function baseName(program: string): string {
  const name = program.replaceAll('\\', '/').split('/').at(-1) ?? '';
  return name.replace(/\.(?:exe|cmd|bat|ps1)$/i, '').toLowerCase();
}
