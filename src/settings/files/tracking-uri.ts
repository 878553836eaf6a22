/** A tracking URI that we can send to, or why we cannot. No message holds the URI's credentials. */
export type TrackingUri =
  | { kind: 'http'; url: URL }
  | { kind: 'databricks'; profile?: string }
  | { kind: 'problem'; code: string; message: string; hint: string };

/**
 * Reads a tracking URI as MLflow's client writes it: `http://…`, `https://…`, `databricks` or
 * `databricks://<profile>` (MLflow 3.17.2). Stores without a server (`file:`, `sqlite:`, …) are
 * refused: they take no OTLP.
 */
export function readTrackingUri(text: string): TrackingUri {
  const uri = text.trim();
  const workspace = uri.startsWith('databricks') ? readWorkspace(uri) : undefined;
  if (workspace) return workspace;
  if (uri === '') return problem('tracking-uri-empty', 'The tracking URI is empty', EXAMPLES);
  const scheme = /^([a-z][a-z0-9+.-]*):(?!\d+(?:\/|$))/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const hint = /^[\w.[\]:-]+(\/\S*)?$/.test(uri) ? `Write http://${uri} or https://${uri}` : EXAMPLES;
    return problem('tracking-uri-scheme-missing', 'The tracking URI has no http:// or https://', hint);
  }
  if (scheme !== 'http' && scheme !== 'https') {
    const what = `The tracking URI's scheme ${scheme}: cannot take traces`;
    return problem('tracking-uri-scheme', what, `Start \`mlflow server\` and name its address. ${EXAMPLES}`);
  }
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    return problem('tracking-uri-invalid', 'The tracking URI is not a valid address', EXAMPLES);
  }
  if (url.username !== '' || url.password !== '') {
    return problem('tracking-uri-credentials', 'The tracking URI holds credentials', CREDENTIALS);
  }
  url.hash = '';
  return { kind: 'http', url };
}

function readWorkspace(uri: string): TrackingUri | undefined {
  if (uri === 'databricks') return { kind: 'databricks' };
  const profile = /^databricks:\/\/([^/?#\s@:]+)\/?$/.exec(uri)?.[1];
  if (profile !== undefined) return { kind: 'databricks', profile };
  if (!/^databricks:\/\/[^/?#\s@:]+:[^\s@]+$/.test(uri)) return undefined;
  const what = 'The tracking URI names a Databricks secret scope, which mlflow-codex does not read';
  const hint = 'Use databricks://profile, with a profile of ~/.databrickscfg, or databricks';
  return problem('tracking-uri-secret-scope', what, hint);
}

const EXAMPLES = 'Use http://host:port, https://host, databricks or databricks://profile';
const CREDENTIALS =
  'Take user name and password out of it and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, ' +
  'or put them into ~/.mlflow/credentials';

function problem(code: string, message: string, hint: string): TrackingUri {
  return { kind: 'problem', code, message, hint };
}

/** True for the names of this very machine: `localhost`, `127.0.0.1`, `[::1]`. */
export function isThisMachine(url: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}

/**
 * What a tracking URI is compared by and shown as: without trailing slashes, scheme and host in
 * lower case, no credentials. A text that is no tracking URI stays as it is but for its credentials.
 */
export function normalTrackingUri(text: string): string {
  const uri = readTrackingUri(text);
  if (uri.kind === 'http') return withoutTrailingSlash(uri.url);
  if (uri.kind === 'databricks')
    return uri.profile === undefined ? 'databricks' : `databricks://${uri.profile}`;
  // Up to the last @, as a password may hold any sign.
  return text.trim().replace(/\/\/.*@/, '//');
}

/** Origin and path of an address, without the path's last slashes and without a query. */
export function withoutTrailingSlash(url: URL): string {
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
