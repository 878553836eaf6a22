import type { CodexCli } from '../../codex/codex-cli.js';
import type { NotifierStart } from '../../install/choose-notifier.js';
import type { SettingsResult } from '../../settings/resolve-settings.js';
import type { CommandIo } from '../../terminal/io.js';

/** What every check may look at. */
export interface StatusContext {
  io: CommandIo;
  codexHome: string;
  stateDir: string;
  /** Where the machine's configuration of Codex lies. */
  systemCodexDir: string;
  /** The folder with the nearest tracing config upward, else the one status was asked in. */
  project: string;
  codex: CodexCli | undefined;
  settings: SettingsResult;
  nodeVersion: string;
  /** Our own version. */
  version: string;
  nowMs: number;
  /** Starts a notifier of ours for its version. */
  startNotifier: (argv: readonly string[], env: NodeJS.ProcessEnv) => Promise<NotifierStart>;
}
