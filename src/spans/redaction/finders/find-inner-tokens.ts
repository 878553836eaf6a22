import type { Found } from '../search/finding.js';
import { anyOf } from '../search/sign.js';
import type { WorkBudget } from '../search/work-budget.js';
import { isDigit } from '../values/characters.js';
import { isRandom, shannonEntropy } from '../values/randomness.js';

/** A form whose fixed part stands within it: where that part is met, a window around it is looked at. */
interface InnerForm {
  readonly kind: string;
  readonly literal: string;
  /** Characters before the literal that belong to the window (one more where none may stand before), and behind its beginning. */
  readonly before: number;
  readonly after: number;
  /** A glance at what stands beside a literal that is frequent, at its place. */
  readonly isMeant?: (text: string, at: number) => boolean;
  /** Begins with `^` where the window begins at the literal. */
  readonly expression: RegExp;
  readonly accepts?: (token: string) => boolean;
}

const FORMS: readonly InnerForm[] = [
  // Entra ID (Azure AD) client secrets.
  {
    kind: 'azure-client-secret',
    literal: 'Q~',
    before: 4,
    after: 42,
    expression: /[\w~.-]{3}\dQ~[\w~.-]{31,36}/,
  },
  // Azure DevOps personal access tokens of 84 characters.
  {
    kind: 'azure-devops-token',
    literal: 'AZDO',
    before: 80,
    after: 8,
    expression: /[A-Za-z0-9]{72,80}AZDO[A-Za-z0-9]{4}/,
  },
  {
    kind: 'azure-key',
    literal: 'JQQJ99',
    before: 32,
    after: 60,
    expression: /[A-Za-z0-9]{32}JQQJ99[A-Za-z0-9]{20,60}/,
  },
  // Azure storage and Cosmos keys, Batch, Redis: 32 bytes and more with their vendor's mark.
  {
    kind: 'azure-key',
    literal: '+ASt',
    before: 76,
    after: 12,
    expression: /[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9]{6}==/,
  },
  {
    kind: 'azure-key',
    literal: 'ACDb',
    before: 76,
    after: 12,
    expression: /[A-Za-z0-9+/]{76}ACDb[A-Za-z0-9]{6}==/,
  },
  {
    kind: 'telegram-token',
    literal: ':AA',
    before: 12,
    after: 42,
    isMeant: isBehindDigit,
    expression: /(?<!\d)\d{8,11}:AA[\w-]{32,35}(?![\w-])/,
  },
  {
    kind: 'terraform-token',
    literal: '.atlasv1.',
    before: 14,
    after: 80,
    expression: /[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}/,
  },
  {
    kind: 'maxmind-key',
    literal: '_mmk',
    before: 36,
    after: 4,
    expression: /[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk/,
  },
  {
    kind: 'mailchimp-key',
    literal: '-us',
    before: 33,
    after: 5,
    expression: /(?<![0-9a-f])[0-9a-f]{32}-us\d{1,2}(?!\w)/,
  },
  {
    kind: 'teams-webhook',
    literal: '/IncomingWebhook/',
    before: 90,
    after: 90,
    expression: /[0-9a-f-]{36}@[0-9a-f-]{36}\/IncomingWebhook\/[0-9a-f]{32}\/[0-9a-f-]{36}/,
  },
  {
    kind: 'teams-webhook',
    literal: '/workflows/',
    before: 0,
    after: 400,
    expression: /^\/workflows\/[0-9a-f]{32}\/[^\s"'<>\\]{0,200}sig=[\w%-]{20,90}/,
  },
  {
    kind: 'facebook-token',
    literal: '|',
    before: 17,
    after: 44,
    isMeant: isBehindDigit,
    expression: /(?<!\d)\d{15,16}\|[\w-]{27,40}(?!\w)/,
    accepts: (token) => isRandom(token.slice(17), 20),
  },
  // Password hashes: crypt, bcrypt, Argon2, scrypt, PBKDF2 in Django's and others' notation, LDAP, Apache.
  {
    kind: 'password-hash',
    literal: '$2',
    before: 0,
    after: 62,
    expression: /^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}/,
  },
  {
    kind: 'password-hash',
    literal: '$argon2',
    before: 0,
    after: 300,
    expression: /^\$argon2(?:id?|d)\$v=\d+\$[\w=,]{8,60}\$[A-Za-z0-9+/]{8,100}\$[A-Za-z0-9+/]{16,120}/,
  },
  {
    kind: 'password-hash',
    literal: '$',
    before: 0,
    after: 150,
    isMeant: beginsCrypt,
    expression:
      /^\$(?:[156y7]|gy|apr1|sha1|scrypt|pbkdf2(?:-sha\d+)?|sm3)\$(?:[\w./=,$-]{1,60}\$)?[./A-Za-z0-9+]{20,100}/,
    accepts: (hash) => isRandom(hash.slice(hash.lastIndexOf('$') + 1), 20),
  },
  {
    kind: 'password-hash',
    literal: 'pbkdf2',
    before: 0,
    after: 200,
    expression: /^pbkdf2[_:]sha\d+[$:]\d+[$:][\w./+=-]{6,60}[$:][A-Za-z0-9+/=]{24,130}/,
  },
  {
    kind: 'password-hash',
    literal: '{S',
    before: 0,
    after: 130,
    expression: /^\{S?S?HA(?:256|384|512)?\}[A-Za-z0-9+/]{26,120}={0,2}/,
  },
  {
    kind: 'password-hash',
    literal: 'SCRAM-SHA-256$',
    before: 0,
    after: 250,
    expression: /^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]{16,64}\$[A-Za-z0-9+/=]{40,64}:[A-Za-z0-9+/=]{40,64}/,
  },
];

/** As no pipe of a shell is. */
function isBehindDigit(text: string, at: number): boolean {
  return isDigit(text.charCodeAt(at - 1));
}

/** The scheme's name, and the next `$` close behind it: few variables of a shell are so. */
function beginsCrypt(text: string, at: number): boolean {
  return '1567ygasp'.includes(text.charAt(at + 1)) && text.slice(at + 2, at + 16).includes('$');
}

/** What every text has in which `findInnerTokens` finds anything. */
export const INNER_SIGN = anyOf(FORMS.map(({ literal }) => literal));

/** Tokens and password hashes whose fixed part does not stand at their beginning. */
export function findInnerTokens(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  for (const { kind, literal, before, after, isMeant, expression, accepts } of FORMS) {
    let done = 0;
    for (
      let at = text.indexOf(literal);
      at >= 0;
      at = text.indexOf(literal, Math.max(done, at + literal.length))
    ) {
      if (isMeant && !isMeant(text, at)) continue;
      const from = Math.max(done, at - before);
      const window = text.slice(from, at + after);
      budget.spend(window.length);
      const match = expression.exec(window);
      if (!match || (accepts ? !accepts(match[0]) : shannonEntropy(match[0]) < 3)) continue;
      done = from + match.index + match[0].length;
      found.push({ start: from + match.index, end: done, kind });
    }
  }
  return found;
}
