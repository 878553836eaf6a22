/**
 * Secrets by their published forms. Each is linear in the text and eats no quote, so that JSON stays
 * JSON. What stands before the secret (`$1`) is kept.
 */
const SECRETS: readonly [kind: string, pattern: RegExp][] = [
  [
    'private-key',
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[^"-]|-(?!----)){0,20000}-----END [A-Z ]{0,30}PRIVATE KEY-----/g,
  ],
  ['jwt', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g],
  ['api-key', /\bsk-(?:[a-z]+-)?[A-Za-z0-9_-]{20,}/g],
  ['github-token', /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})/g],
  ['gitlab-token', /\bgl(?:pat|dt|rt|cbt|ptt|oas)-[\w-]{20,}/g],
  ['aws-access-key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g],
  ['google-key', /\b(?:AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})/g],
  ['slack-token', /\bxox[abeoprs]-[\w-]{10,}|\bhooks\.slack\.com\/services\/[\w/]{20,}/g],
  ['stripe-key', /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g],
  ['npm-token', /\bnpm_[A-Za-z0-9]{36}\b/g],
  ['pypi-token', /\bpypi-[\w-]{50,}/g],
  ['huggingface-token', /\bhf_[A-Za-z0-9]{30,}/g],
  ['databricks-token', /\bdapi[0-9a-f]{32}\b/g],
  ['sendgrid-key', /\bSG\.[\w-]{16,}\.[\w-]{16,}/g],
  ['authorization', /(\bauthorization\\?["']?\s*[:=]\s*\\?["']?(?:bearer|basic|token)\s+)[\w.~+/=-]{8,}/gi],
  ['bearer', /(\bbearer\s+)[\w.~+/=-]{20,}/gi],
  ['url-password', /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/?#@"'\\]{0,100}:)[^\s/?#@"'\\]{1,200}(?=@)/gi],
  ['url-token', /(\bhttps?:\/\/)[^\s:/?#@"'\\]{20,200}(?=@)/gi],
  // NAME=value of environment files and shells.
  [
    'secret',
    /(\b[A-Z][A-Z0-9_]{0,60}(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)\s?=\s?\\?["']?)[^\s"'\\;&|$(){}<>]{8,}/g,
  ],
  // "api_key": "value", where the value looks like a key and not like code.
  [
    'secret',
    /(\b[\w-]{0,40}(?:api[_-]?key|secret(?:[_-]?(?:key|access[_-]?key))?|passw(?:or)?d|(?:access|auth|refresh)[_-]?token|private[_-]?key)\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?)(?=[\w+/=.-]{0,200}\d)(?=[\w+/=.-]{0,200}[A-Za-z])[\w+/=.-]{16,}/gi,
  ],
];

/**
 * Makes a function that replaces secrets in a text by `[redacted:<kind>]`.
 * @param extra the user's own patterns (JavaScript regular expressions); an invalid one throws
 */
export function buildRedactor(extra: readonly string[]): (text: string) => string {
  const own = extra.map((source): [string, RegExp] => ['custom', new RegExp(source, 'g')]);
  const patterns = [...SECRETS, ...own];
  return (text) => {
    let result = text;
    for (const [kind, pattern] of patterns) {
      result = result.replace(pattern, (match: string, ...groups: unknown[]) => {
        const kept = kind !== 'custom' && typeof groups[0] === 'string' ? groups[0] : '';
        return match === '' ? '' : `${kept}[redacted:${kind}]`;
      });
    }
    return result;
  };
}
