import { closeSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { inHome } from '../platform/files/folders.js';
import { asObject } from '../platform/json.js';
import type { TracingConfig } from './files/tracing-config.js';

/** Of a file that holds credentials no more than this is read. */
const MAX_FILE_BYTES = 200_000;
const SECRET_VARIABLE = /(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|PWD|PASS|CREDENTIALS|AUTH|DSN)$/i;
/** Of folders and sockets, whose names end alike. */
const OTHER_VARIABLES = /^(?:PWD|OLDPWD|INIT_CWD|SSH_AUTH_SOCK|XAUTHORITY|SSH_ASKPASS)$/i;

/** Where secrets of this user's and this turn's lie. */
export interface SecretPlaces {
  readonly env: NodeJS.ProcessEnv;
  readonly homeDir: string;
  readonly codexHome: string;
  /** The turn's folder. */
  readonly cwd: string;
  /** The tracing configs of the system and of the user, also one that does not count now. */
  readonly configs?: readonly TracingConfig[];
}

const DATABRICKS_NAMES = /^(?:token|client_secret|password|azure_client_secret)$/;
/** Files in the home folder with `name = value`, `name: value` or `name value` lines, and which names count. */
const HOME_FILES: readonly [file: string, names: RegExp][] = [
  ['.netrc', /^password$/],
  ['.aws/credentials', /^aws_(?:secret_access_key|session_token)$/],
  ['.npmrc', /(?:_authToken|_auth|_password)$/],
  ['.pypirc', /^password$/],
  ['.mlflow/credentials', /^mlflow_tracking_password$/],
  ['.databrickscfg', DATABRICKS_NAMES],
];

/**
 * Secrets that this machine knows: of the environment (of a daemon's hook it may be an old one), of
 * Codex's `auth.json`, of the credential files of common tools, of the turn's `.env`, of our own
 * configs. Absent and unreadable files are none. The values stay in memory: they go to no file, no
 * log, no error.
 */
export function readKnownSecrets({ env, homeDir, codexHome, cwd, configs = [] }: SecretPlaces): string[] {
  const home = (file: string) => textOf(path.join(homeDir, file));
  const profiles = env['DATABRICKS_CONFIG_FILE'];
  return [
    ...Object.entries(env).flatMap(([name, value = '']) => (isSecretVariable(name) ? [value] : [])),
    ...Object.values(env).flatMap((value = '') => urlPasswords(value)),
    ...stringsOf(jsonOf(textOf(path.join(codexHome, 'auth.json')))),
    ...HOME_FILES.flatMap(([file, names]) => valuesOf(home(file), names)),
    ...(profiles ? valuesOf(textOf(inHome(profiles, homeDir)), DATABRICKS_NAMES) : []),
    ...urlPasswords(home('.git-credentials')),
    ...dockerPasswords(jsonOf(home('.docker/config.json'))),
    ...['.env', '.env.local'].flatMap((file) => secretsOfEnvFile(textOf(path.join(cwd, file)))),
    ...configs.flatMap((config) => secretsOfConfig(config, homeDir)),
  ].filter((value) => value !== '');
}

function secretsOfEnvFile(text: string): string[] {
  return [...valuesOf(text, SECRET_VARIABLE), ...urlPasswords(text)];
}

const SECRET_HEADER = /auth|cookie|key|pass|secret|token/i;

/** The token of `tokenFile`, the values of headers that let in (with and without `Bearer`), a password in the tracking URI. */
function secretsOfConfig(
  { tokenFile, headers = {}, trackingUri = '' }: TracingConfig,
  homeDir: string,
): string[] {
  const values = Object.entries(headers).flatMap(([name, value]) =>
    SECRET_HEADER.test(name) ? [value] : [],
  );
  return [
    ...(tokenFile === undefined ? [] : [textOf(inHome(tokenFile, homeDir)).trim()]),
    ...values.flatMap((value) => [value, value.slice(value.indexOf(' ') + 1).trim()]),
    ...urlPasswords(trackingUri),
  ];
}

function isSecretVariable(name: string): boolean {
  return SECRET_VARIABLE.test(name) && !OTHER_VARIABLES.test(name);
}

function textOf(file: string): string {
  let descriptor: number | undefined;
  try {
    // A pipe in a file's place (1Password puts one in that of `.env`) gives its secrets once somebody has been
    // asked for them, and until then whoever opens it waits.
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found?.isFile()) return '';
    descriptor = openSync(file, 'r');
    const buffer = Buffer.alloc(Math.min(found.size, MAX_FILE_BYTES));
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
  } catch {
    return '';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** All strings of a JSON value, at any depth. */
function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

const LINE_VALUE =
  /(?:^|[\n;]|[ \t](?=password[ \t]))[ \t]*(?:export[ \t]+)?((?:[\w./@-]|:(?=[\w/]))+)[ \t]*(?:[=:][ \t]*|[ \t]+)(?=(\S{1,1024}))("[^"\n]*"|'[^'\n]*'|[^\s#;]*)/g;

/** Whether `#` and `;` begin a comment or belong to the secret differs from tool to tool: both readings count. */
function valuesOf(text: string, names: RegExp): string[] {
  if (text === '') return [];
  return [...text.matchAll(LINE_VALUE)].flatMap(([, name = '', word = '', value = '']) => {
    if (!names.test(name)) return [];
    return /^(["']).*\1$/.test(value) ? [value.slice(1, -1)] : [...new Set([value, word])];
  });
}

/** The passwords of URLs (`postgres://app:…@db`), as they stand and decoded. */
function urlPasswords(text: string): string[] {
  if (!text.includes('://')) return [];
  return [...text.matchAll(/:\/\/[^:@/\s]*:([^@/\s]+)@/g)].flatMap(([, password = '']) => [
    password,
    decoded(password),
  ]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `auths.<registry>.auth` is base64 of `user:password`. */
function dockerPasswords(config: unknown): string[] {
  const registries = Object.values(asObject(asObject(config)?.['auths']) ?? {});
  return registries.flatMap((registry) => {
    const auth = asObject(registry)?.['auth'];
    if (typeof auth !== 'string') return [];
    const password = Buffer.from(auth, 'base64').toString('utf8').split(':').slice(1).join(':');
    return [auth, password];
  });
}
