import path from 'node:path';
import { type CodexCli, runsManagedHooks } from '../../../codex/codex-cli.js';
import { findManagedHook } from '../../../install/codex-config/codex-layers.js';
import { readHooksFeature } from '../../../install/codex-config/hooks-feature.js';

/**
 * The file in which an administrator has set our hook for everybody, where the Codex here runs it for this user:
 * then no notifier is needed, and nobody else's is in the way.
 * @param systemDir where the machine's configuration of Codex lies
 */
export function sufficientManagedHook(
  systemDir: string,
  codexHome: string,
  codex: CodexCli | undefined,
): string | undefined {
  const found = findManagedHook(systemDir);
  if (found === undefined || runsManagedHooks(codex?.version) === false) return undefined;
  const files = ['requirements.toml', 'managed_config.toml'].map((name) => path.join(systemDir, name));
  const own = path.join(codexHome, 'config.toml');
  const { isOn } = readHooksFeature([...files, own, path.join(systemDir, 'config.toml')]);
  return isOn ? found.file : undefined;
}
