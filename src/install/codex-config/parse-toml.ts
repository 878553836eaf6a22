import { parse, TomlError, type TomlTable } from 'smol-toml';
import { UserError } from '../../platform/problems/user-error.js';

/**
 * Parses a config.toml as Codex does: TOML 1.1, integers of 64 bits (hence bigint), a byte order mark
 * skipped.
 * @throws UserError with file, line and column; never the line itself, which may hold a key.
 */
export function parseToml(text: string, file: string): TomlTable {
  try {
    return parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: true });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new UserError(
      `${file}:${error.line}:${error.column}: not valid TOML`,
      `Correct ${file}: Codex cannot start with it either`,
    );
  }
}
