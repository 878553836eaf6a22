import type { Found } from '../search/finding.js';
import type { Sign } from '../search/sign.js';
import type { WorkBudget } from '../search/work-budget.js';
import { NAME_SIGN } from '../values/secret-names.js';
import { findAssignments } from './find-assignments.js';
import { findCommandSecrets } from './find-commands.js';
import { findHeaders, HEADER_SIGN } from './find-headers.js';
import { findInnerTokens, INNER_SIGN } from './find-inner-tokens.js';
import { findJwkParts, JWK_SIGN } from './find-jwks.js';
import { findJwts, JWT_SIGN } from './find-jwts.js';
import { findPrivateKeys, PRIVATE_KEY_SIGN } from './find-private-keys.js';
import { findTokens } from './find-tokens.js';
import { findUrlPasswords, URL_SIGN } from './find-urls.js';

/** One way of looking for secrets of published forms. */
export interface Search {
  readonly name: string;
  /** Spares the search most texts; absent where it begins with such a look itself. */
  readonly sign?: Sign;
  readonly find: (text: string, budget: WorkBudget) => Found[];
}

/** All searches, the surest first: of findings at one place the first counts. */
export const SEARCHES: readonly Search[] = [
  { name: 'private keys', sign: PRIVATE_KEY_SIGN, find: findPrivateKeys },
  { name: 'tokens', find: findTokens },
  { name: 'inner tokens', sign: INNER_SIGN, find: findInnerTokens },
  { name: 'JWTs', sign: JWT_SIGN, find: findJwts },
  { name: 'JWKs', sign: JWK_SIGN, find: findJwkParts },
  { name: 'URLs', sign: URL_SIGN, find: findUrlPasswords },
  { name: 'headers', sign: HEADER_SIGN, find: findHeaders },
  { name: 'commands', find: findCommandSecrets },
  { name: 'assignments', sign: NAME_SIGN, find: findAssignments },
];
