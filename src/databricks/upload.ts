import { isLoopback } from '../mlflow/databricks/workspace-origin.js';
import type { HttpAnswer, HttpRequest } from '../mlflow/http-request.js';
import { httpRequest } from '../mlflow/http-request.js';
import { reachOfOther } from '../mlflow/reach.js';
import { asArray, asObject, asString, asText, compact } from '../platform/json.js';

/** Where and how a trace's file is to be put, as the workspace says it. Its address is a secret while it lasts. */
export interface UploadAddress {
  readonly type: string;
  readonly signedUri: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads the answer to `credentials-for-data-upload`; undefined where it is none. */
export function uploadAddressIn(body: string): UploadAddress | undefined {
  try {
    const info = asObject(asObject(JSON.parse(body))?.['credential_info']);
    const type = asText(info?.['type']);
    const signedUri = asText(info?.['signed_uri']);
    if (type === undefined || signedUri === undefined || !URL.canParse(signedUri)) return undefined;
    const headers = asArray(info?.['headers']).flatMap((element) => {
      const header = asObject(element);
      const name = asText(header?.['name']);
      return name === undefined ? [] : [[name, asString(header?.['value']) ?? '']];
    });
    return { type, signedUri, headers: Object.fromEntries(headers) };
  } catch {
    return undefined;
  }
}

type Part = Pick<HttpRequest, 'method' | 'url'> & { headers?: Record<string, string>; isEmpty?: boolean };

/** The requests that put a file to an address of a type (`ArtifactCredentialType`, MLflow 3.17). */
const REQUESTS: Readonly<Record<string, (uri: string) => readonly Part[]>> = {
  AWS_PRESIGNED_URL: (url) => [{ method: 'PUT', url }],
  GCP_SIGNED_URL: (url) => [{ method: 'PUT', url }],
  // Python sends blocks and a list of them; one blob is as good, up to 5,000 MiB.
  AZURE_SAS_URI: (url) => [{ method: 'PUT', url, headers: { 'x-ms-blob-type': 'BlockBlob' } }],
  AZURE_ADLS_GEN2_SAS_URI: (uri) => [
    { method: 'PUT', url: `${uri}&resource=file`, isEmpty: true },
    { method: 'PATCH', url: `${uri}&action=append&position=0&flush=true` },
  ],
};

/** Whether we know how to put a file to an address of this type. */
export function isUploadType(type: string): boolean {
  return Object.hasOwn(REQUESTS, type);
}

/**
 * Puts a file to the store that the workspace names: with the headers that came with the address and no
 * others, since a signature may cover any, and without a word of the workspace's. Proxy and
 * authorities are judged by the store's own name. The answer is the last request's, or that of the
 * first one that was not a 2xx.
 */
export async function upload(
  address: UploadAddress,
  file: Buffer,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<HttpAnswer> {
  const url = new URL(address.signedUri);
  if (url.protocol !== 'https:' && !isLoopback(url)) return unsent('store without TLS');
  const reach = reachOfOther(url, env);
  if (reach.kind === 'problem') return unsent(reach.code);
  const { tls, proxy } = reach.value;
  const untilMs = Date.now() + timeoutMs;
  let answer: HttpAnswer | undefined;
  for (const part of REQUESTS[address.type]?.(address.signedUri) ?? []) {
    answer = await httpRequest({
      method: part.method,
      url: part.url,
      headers: { ...address.headers, ...part.headers },
      ...compact({ body: part.isEmpty ? undefined : file, proxy }),
      tls,
      statusCounts: true,
      timeoutMs: Math.max(1, untilMs - Date.now()),
    });
    if (answer.kind === 'failed' || answer.status < 200 || answer.status >= 300) return answer;
  }
  return answer ?? unsent('unknown store');
}

function unsent(code: string): HttpAnswer {
  return { kind: 'failed', code, reason: code, reached: false };
}
