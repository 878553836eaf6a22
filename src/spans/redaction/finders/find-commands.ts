import type { Found } from '../search/finding.js';
import { asPattern } from '../search/literal-pattern.js';
import { LONG_TEXT } from '../search/sign.js';
import type { WorkBudget } from '../search/work-budget.js';
import { isStandIn } from '../values/placeholders.js';
import { isRandom } from '../values/randomness.js';

/** Where a program's name begins, also behind a line break or a tab as JSON text writes them. */
const EDGE = '(?:(?<![\\w.-])|(?<=\\\\[nrt]))';
/** Between a command's words: blanks, or the quotes and commas of a list of arguments. */
const GAP = '(?:\\s{1,4}|\\\\?["\']\\s{0,3},\\s{0,4}\\\\?["\'])';
/** A word in or without quotes; the secret is the last group. */
const WORD = '(?:\\\\?["\'])?([^\\s"\'\\\\,;|&<>]{4,200})';
/** The rest of a command up to the flag. */
const REST = '[^\\n;|]{0,400}?';

/** Programs whose short flags or arguments are secrets, which no name says. */
const COMMANDS: readonly [programs: string, rest: string][] = [
  ['sshpass', `${GAP}-p${GAP}?${WORD}`],
  ['mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mysqlimport|mysqlsh', `${REST}\\s-p${WORD}`],
  ['redis-cli|valkey-cli', `${REST}${GAP}(?:-a|--pass)${GAP}${WORD}`],
  [
    'docker|podman|nerdctl|helm|oras|skopeo|buildah|crane|az|oc|argocd|cf|ibmcloud|doctl|influx|rabbitmqadmin|mongo|mongosh|mongodump|mongorestore|sqlcmd|osql|bcp|isql|clickhouse-client|7z|7za|zip|unzip|kinit|mosquitto_pub|mosquitto_sub|ipmitool|snmpget|snmpwalk|impala-shell|twine|hg',
    `${REST}${GAP}-(?:p|P|pw)${GAP}${WORD}`,
  ],
  [
    'sqlcmd|osql|mosquitto_pub|mosquitto_sub|7z|7za|unzip|zip|plink|pscp|psftp',
    `${REST}${GAP}-(?:P|pw|p)${GAP}?${WORD}`,
  ],
  ['ldapsearch|ldapmodify|ldapadd|ldapwhoami|ldapdelete|ldappasswd', `${REST}${GAP}-w${GAP}${WORD}`],
  ['openssl', `${REST}pass:${WORD}`],
  ['keytool|jarsigner', `${REST}-(?:store|key)pass${GAP}${WORD}`],
  ['htpasswd', `${GAP}-\\w{0,4}b\\w{0,4}${GAP}(?:\\S{1,100})${GAP}(?:\\S{1,60})${GAP}${WORD}`],
  ['smbclient|rpcclient|mount.cifs', `${REST}(?:-U${GAP}?|user=)\\\\?["']?[^\\s"'%]{1,60}%${WORD}`],
  ['ConvertTo-SecureString', `(?:${GAP}-(?:String|AsPlainText|Force)){0,3}${GAP}${WORD}`],
  ['rabbitmqctl', `${GAP}(?:add_user|change_password)${GAP}\\S{1,60}${GAP}${WORD}`],
  [
    'net',
    `${GAP}(?:user|use)${GAP}${REST}(?:/user:\\S{1,60}\\s{1,3}|${GAP}(?=\\S{1,60}\\s{1,3}/add))${WORD}`,
  ],
];

const CREDENTIAL_PROGRAMS = 'curl|wget|http|https|xh|aria2c|skopeo|svn|ab|siege|vegeta|nexus|jenkins-cli';
const CREDENTIAL_FLAGS = `${EDGE}(?:${CREDENTIAL_PROGRAMS})\\b${REST}${GAP}(?:-u|-U|--user|--proxy-user|-a|--auth|--creds|--src-creds|--dest-creds|-auth)(?:=|${GAP})?(?:\\\\?["'])?([^\\s"':\\\\]{1,80}):([^\\s"'\\\\,;|&<>]{3,200})`;
/** `echo … | docker login --password-stdin`, `… | sudo -S`. */
const PIPED =
  /(?:\b|(?<=\\[nrt]))(?:echo|printf|print)\s{1,3}(?:-\w{1,3}\s{1,3})?\\?["']?([^\s"'\\|;&<>]{6,200})\\?["']?\s{0,3}\|\s{0,3}(?:sudo\s{1,3}-S|[^\n|]{0,80}(?:--password-stdin|--with-token|--stdin\b|chpasswd))/g;
const CHPASSWD =
  /(?:\b|(?<=\\[nrt]))(?:echo|printf)\s{1,3}\\?["']?[\w.-]{1,40}:([^\s"'\\|]{4,200})\\?["']?\s{0,3}\|\s{0,3}(?:sudo\s{1,3})?chpasswd/g;
/** `scott/tiger@db`, `user:password@tcp(db:3306)/app`, lines of .pgpass. */
const IDENTIFIED =
  /(?:\b|(?<=\\[nrt]))IDENTIFIED\s{1,4}(?:WITH\s{1,4}\S{1,40}\s{1,4})?(?:BY|AS)\s{1,4}(?:PASSWORD\s{1,4})?\\{0,3}["']([^\s"'\\;]{4,200})/gi;
const ORACLE =
  /(?:(?:\b|(?<=\\[nrt]))(?:sqlplus|impdp|expdp|sqlldr)\s{1,3}(?:-\w{1,3}\s{1,3})?|jdbc:oracle:(?:thin|oci):)[^\s/"'@]{1,60}\/([^\s/"'@]{3,100})@/g;
const GO_DSN = /(?<![\w/.:])[\w.-]{1,60}:([^\s"'`@/:()[\]]{3,100})@(?:tcp|unix|udp|cloudsql)\(/g;
const PGPASS =
  /(?:^|\n|\\n|")(?:[\w.*-]{1,100}):(?:\d{1,5}|\*):[\w*-]{1,60}:[\w.*-]{1,60}:([^\s:"'\\]{4,100})(?=$|\s|\\n|")/g;

interface Rule {
  /** One of these has to be in the text before the expression is tried. */
  readonly hints: readonly string[];
  readonly source: string;
  readonly flags: string;
  expression?: RegExp;
}

/** A program's name is one of two or three letters as well, which many words hold: a blank or a quote follows. */
function hintsOf(programs: string): string[] {
  return programs
    .split('|')
    .flatMap((name) => (name.length > 3 ? [name] : [`${name} `, `${name}"`, `${name}'`]));
}

const COMMAND_RULES = COMMANDS.map(([programs, rest]): Rule => {
  const names = programs.replaceAll('.', '\\.');
  return {
    hints: hintsOf(programs),
    source: `${EDGE}(?:${names})(?![\\w.-])${rest}`,
    flags: 'g',
  };
});

const RULES: readonly Rule[] = [
  ...COMMAND_RULES,
  { hints: hintsOf(CREDENTIAL_PROGRAMS), source: CREDENTIAL_FLAGS, flags: 'gi' },
  ruleOf(PIPED, ['sudo', '--password-stdin', '--with-token', '--stdin', 'chpasswd']),
  ruleOf(CHPASSWD, ['chpasswd']),
  ruleOf(IDENTIFIED, ['IDENTIFIED', 'identified', 'Identified']),
  ruleOf(ORACLE, ['sqlplus', 'impdp', 'expdp', 'sqlldr', 'jdbc:oracle']),
  ruleOf(GO_DSN, ['@tcp(', '@unix(', '@udp(', '@cloudsql(']),
];

function ruleOf({ source, flags }: RegExp, hints: readonly string[]): Rule {
  return { hints, source, flags };
}

/** What a long text is searched for all hints with. */
interface HintSearch {
  readonly anyHint: RegExp;
  /** The rules by the first two characters of their hints. */
  readonly byStart: ReadonlyMap<string, readonly { hint: string; rule: Rule }[]>;
}

let hintSearch: HintSearch | undefined;

/** Made at the first long text: most hooks have none. */
function hintSearchOfAll(): HintSearch {
  if (hintSearch) return hintSearch;
  const all = RULES.flatMap((rule) => rule.hints.map((hint) => ({ hint, rule })));
  const byStart = new Map<string, { hint: string; rule: Rule }[]>();
  for (const one of all) {
    const start = one.hint.slice(0, 2);
    byStart.set(start, [...(byStart.get(start) ?? []), one]);
  }
  hintSearch = { anyHint: new RegExp(all.map(({ hint }) => asPattern(hint)).join('|'), 'g'), byStart };
  return hintSearch;
}

/** Secrets by the command they are arguments of: `curl -u ada:…`, `mysql -p…`, `sshpass -p …`. */
export function findCommandSecrets(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  for (const rule of hintedRules(text)) {
    rule.expression ??= new RegExp(rule.source, rule.flags);
    found.push(...matchesOf(rule.expression, text, budget));
  }
  if (mayHoldPgpass(text)) found.push(...matchesOf(PGPASS, text, budget));
  return found;
}

/** Of a line of .pgpass no word is known, but its port, and that it has five parts. */
function mayHoldPgpass(text: string): boolean {
  let colons = 0;
  for (let at = text.indexOf(':'); at >= 0 && colons < 4; at = text.indexOf(':', at + 1)) colons++;
  return colons === 4 && /:(?:\d{1,5}|\*):/.test(text);
}

/** So many short texts as a hook has: who has more (`sync`) has the expression compiled, and so the faster search. */
const FEW_TEXTS = 1000;
let shortTexts = 0;

/** The rules that have a hint in a text: in a long one a search for all hints takes a third of one for each. */
function hintedRules(text: string): Rule[] {
  if (text.length < LONG_TEXT && shortTexts++ < FEW_TEXTS)
    return RULES.filter(({ hints }) => hints.some((hint) => text.includes(hint)));
  const hinted = new Set<Rule>();
  const { anyHint, byStart } = hintSearchOfAll();
  anyHint.lastIndex = 0;
  for (let match = anyHint.exec(text); match; match = anyHint.exec(text)) {
    const at = match.index;
    for (const { hint, rule } of byStart.get(text.slice(at, at + 2)) ?? [])
      if (!hinted.has(rule) && text.startsWith(hint, at)) hinted.add(rule);
    // A hint can begin within another one.
    anyHint.lastIndex = at + 1;
  }
  return RULES.filter((rule) => hinted.has(rule));
}

function matchesOf(expression: RegExp, text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  for (const match of text.matchAll(expression)) {
    const secret = match.at(-1) ?? '';
    budget.spend(match[0].length);
    // Two groups are a user and a password: no path stands behind `user:`.
    if (!isArgument(secret) || (match.length === 2 && isPathLike(secret))) continue;
    const start = match.index + match[0].lastIndexOf(secret);
    found.push({ start, end: start + secret.length, kind: 'password' });
  }
  return found;
}

/** Base64 often has a `/` early; a path is of words. */
function isPathLike(word: string): boolean {
  return /^[\w.-]*[/\\]/.test(word) && !(/^[\w+/=]+$/.test(word) && isRandom(word, 16));
}

/** Ports, host names, other flags are arguments, too. */
function isArgument(word: string): boolean {
  if (isStandIn(word) || /^-|^\d{1,5}(?::\d{1,5})?(?:\/\w+)?$/.test(word)) return false;
  if (
    /^(?:pass(?:w(?:or)?d)?|secret|token|user(?:name)?|test|prod|dev|admin|root|true|false|json|yaml|table)$/i.test(
      word,
    )
  )
    return false;
  return /\d|[!@#$%^&*+=?~]|[a-z][A-Z]/.test(word) || /^[a-z]{8,}$/.test(word);
}
