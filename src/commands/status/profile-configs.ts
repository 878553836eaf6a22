import { readdirSync } from 'node:fs';
import path from 'node:path';

/** The files that `codex --profile NAME` reads beside the user's config.toml (Codex 0.169 to 0.171). */
export function profileConfigs(codexHome: string): { file: string; profile: string }[] {
  let names: string[];
  try {
    names = readdirSync(codexHome).filter((name) => /.\.config\.toml$/.test(name));
  } catch {
    return [];
  }
  return names.map((name) => ({
    file: path.join(codexHome, name),
    profile: name.replace(/\.config\.toml$/, ''),
  }));
}
