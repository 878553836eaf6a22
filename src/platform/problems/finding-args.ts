/** A check that knows nothing but itself. */
type NoArgs = Record<string, never>;
/** A line of a file that Codex reads; lines count from 1. */
type InFile = { file: string; line: number };

/** Of Node, Codex, its notify slot, the hook and the daemon. */
export interface CodexFindings {
  node: { version: string };
  'node-old': { version: string };
  codex: { file: string; version: string };
  'codex-missing': NoArgs;
  'codex-mute': { file: string };
  'config-broken': { file: string; message: string; hint: string };
  'notify-ours': InFile;
  'notify-missing': { file: string };
  /** `notifier`: as JSON; empty where it is no list of texts. */
  'notify-foreign': InFile & { notifier: string };
  /** Of a layer that the user's file cannot overrule. */
  'notify-managed': InFile & { notifier: string };
  /** Somebody else's, beside a Stop hook of ours. */
  'notify-beside': InFile & { notifier: string };
  /** Ours, in a layer that loses to the one in `by`. */
  'notify-overruled': InFile & { by: string };
  'hook-managed': { file: string };
  /** `version`: of a Codex that runs no managed hooks. */
  'hook-managed-unread': { file: string; version: string };
  /** `hook`: the file with our hook; `file`: the one that switches all hooks off. */
  'hooks-off': { hook: string; file: string };
  'profile-hooks-off': { file: string; profile: string };
  /** Our Stop hook alone is switched off; `by`: the file that does it. */
  'stop-hook-off': InFile & { by: string };
  'notify-older': InFile;
  'notify-ignored': InFile & { version: string };
  'notify-forwards': { notifier: string };
  'notify-of-profile': InFile & { profile: string };
  /** Our Stop hook does the work where notify is empty or somebody else's. */
  'stop-hook-ours': InFile;
  /** Our plugin for Codex: `id` is `mlflow-codex@<marketplace>`. */
  'plugin-hook': { id: string; version: string };
  /** `wasApproved`: another version of it, or other files. */
  'plugin-untrusted': { id: string; version: string; wasApproved: boolean };
  'plugin-unsure': { id: string; version: string };
  'plugin-missing': { id: string };
  'hook-starts': { command: string; version: string };
  'hook-fails': { command: string; reason: string };
  /** `sessions`: how many the hook was never told of. */
  'hook-needs-shell-path': { command: string; sessions: number };
  'hook-other-version': { command: string; version: string; own: string };
  'daemon-ok': { pid: number };
  'daemon-unread': { pid: number };
  'daemon-hook-fails': { pid: number; command: string; reason: string };
  'daemon-environment': { pid: number; variables: readonly string[] };
}

/** Of the settings that count, and of what in them does not. */
export interface SettingsFindings {
  'unknown-keys': { file: string; keys: readonly string[] };
  'project-not-trusted': { file: string; uri: string };
  'experiment-of-another-server': { file: string; experiment: string; uri: string };
  /** `by`: the stricter file, or `default`. */
  'privacy-kept': { file: string; field: string; by: string };
  /** Keys that count in other files only. */
  'misplaced-keys': { file: string; keys: readonly string[] };
  /** `source`: `environment`, or the file whose value does not count. */
  'set-by-system': { source: string; field: string };
  'system-file': { file: string; required: readonly string[]; floor: readonly string[] };
  settings: {
    uri: string;
    uriSource: string;
    experiment: string;
    experimentSource: string;
    traceLocation?: string;
  };
  privacy: {
    content: 'full' | 'metadata';
    redact: boolean;
    /** E-mail addresses and the user's name, too. */
    redactPii: boolean;
    /** How many patterns of the user's own count. */
    patterns: number;
    maxContentBytes: number;
  };
  'slow-pattern': { pattern: string; file: string; index: number };
  /** Of `MLFLOW_CODEX_TAGS`. */
  'tags-unread': { parts: number };
  /** `by`: `environment`, or the file. */
  'tracing-disabled': { by: string };
  'tracing-config-broken': { file: string; message: string; hint: string };
  'untraced-no-config': { folder: string };
  'untraced-project-not-trusted': { folder: string };
  'untraced-no-tracking-uri': { folder: string };
  'untraced-excluded': { folder: string };
}

/** Of the server, the experiment and the endpoint. */
export interface ServerFindings {
  'server-up': { uri: string; version: string };
  'server-old': { uri: string; version: string };
  'server-down': { uri: string; reason: string };
  'server-slow': { uri: string; reason: string };
  'server-not-mlflow': { uri: string; status: number };
  'credentials-refused': { uri: string; status: number };
  'experiment-active': { uri: string; id: string; name: string };
  'experiment-created': { uri: string; id: string; name: string };
  'experiment-missing': { uri: string; id: string };
  'experiment-name-missing': { uri: string; name: string };
  'experiment-deleted': { uri: string; id: string };
  /** It is made with the first turn. */
  'experiment-to-be-made': { uri: string; name: string };
  'host-not-allowed': { uri: string };
  'experiment-unknown': { uri: string; id: string; reason: string };
  'destination-problem': { problem: string; message: string; hint: string };
  offline: NoArgs;
  /** `way`: as `DATABRICKS_AUTH_TYPE` has it; `source`: the environment, or a profile and its file. */
  'databricks-signed-in': { host: string; way: string; source: string };
  'databricks-two-ways': { source: string; way: string; passedOver: readonly string[] };
  /** `location`: `catalog.schema.prefix`; empty where traces lie in the experiment itself. */
  'databricks-experiment': { id: string; name: string; location: string };
  'databricks-location-alone': { location: string };
  'databricks-location-differs': { id: string; named: string; bound: string };
  'otlp-allowed': { url: string };
  'otlp-refused': { url: string; status: number };
  'otlp-missing': { url: string; status: number };
  'otlp-unknown': { url: string; reason: string };
}

/** Of the hook's runs and the turns that no server has yet. */
export interface TurnsFindings {
  'hook-never-ran': NoArgs;
  /** `when`: in words; `time`: ISO 8601. */
  'hook-ran': {
    when: string;
    time: string;
    outcome: string;
    ms: number;
    detail: string;
    thread: string;
    turn: string;
  };
  /** Turns are shown while they go on; whether a watcher is at work now. */
  live: { isWatched: boolean };
  'live-not-there': NoArgs;
  /** Turns that go on and are shown; those whose watcher is gone; those that are sent a second time. */
  'turns-shown': { turns: number };
  'turns-left-running': { turns: number };
  'turns-once-more': { turns: number };
  /** `blocked`: a person has to mend something first. */
  'turns-pending': {
    turns: number;
    threads: number;
    since: string;
    reasons: readonly string[];
    blocked: boolean;
  };
  'turn-rejected': { thread: string; turn: string; status: number; message: string };
  'more-rejected': { more: number };
  /** Turns that no recording holds (any more), and of the last one: why. */
  'turns-lost': { turns: number; thread: string; turn: string; reason: string };
  /** Turns that were sent in a smaller form, and of the last one: `when` in words, `detail` what was left out. */
  'turns-reduced': { turns: number; when: string; detail: string; thread: string; turn: string };
  /** Files of ours that this user may not use: the first, why, and how many more. */
  'state-unusable': { file: string; reason: string; more: number; remedy: string };
  'state-unreadable': { file: string };
  /** The state of a thread, written by a later version of ours. */
  'state-newer': { file: string };
  'threads-never-announced': { threads: number };
  /** One of them: `when` it was written to last, in words; `reason`: why its folder is not traced, else empty. */
  'thread-unknown': { thread: string; folder: string; when: string; reason: string };
}

/** Of setup and uninstall. */
export interface InstallFindings {
  'home-is-user-scope': NoArgs;
  'notify-in-user-config': { version: string };
  'notify-in-project-config': { version: string };
  /** `file`: the Codex that does not say its version; empty where none was found. */
  'notify-in-both': { file: string };
  'leftover-removed': { file: string };
  'environment-overrides': { variable: string; value: string };
  /** `file`: the one in which an administrator has set our hook. */
  'managed-hook-suffices': { file: string };
  'starts-slowly': NoArgs;
  /** `version`: of the Codex that was found here. */
  'codex-without-managed-hooks': { version: string };
  'codex-version-unknown': NoArgs;
  /** Ours in a file of the machine's that setup did not write. */
  'hook-set-by-others': { file: string };
  /** `hooks`: which of Codex’s, in words. */
  'stop-hook-trust': { file: string; hooks: string };
  /** No notifier is registered: the plugin's hook does the work. */
  'plugin-suffices': { id: string };
  'notify-still-needed': { file: string; needs: readonly string[] };
  'notify-not-ours': { file: string };
  'tracing-kept-aside': { file: string; keys: readonly string[]; backup: string };
  'tracing-not-ours': { file: string };
  'tracing-broken': { file: string };
}

/**
 * Every finding there is, by its code: what a check must say of it, and what its message is made of
 * (`src/terminal/messages`). A new one is added here first.
 */
export interface FindingArgs
  extends CodexFindings,
    SettingsFindings,
    ServerFindings,
    TurnsFindings,
    InstallFindings {}

export type FindingCode = keyof FindingArgs;
