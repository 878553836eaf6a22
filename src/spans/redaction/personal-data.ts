import type { Found } from './search/finding.js';
import type { WorkBudget } from './search/work-budget.js';

const LEAST_BARE_NAME = 4;
/** Names of machines' accounts, which are words of many texts. */
const COMMON_ACCOUNTS =
  /^(?:root|admin|user|users|ubuntu|debian|node|runner|vscode|codex|test|guest|docker|home|work|code|developer|circleci|jenkins|gitlab|github|default|app|build|web)$/i;

/** Finds e-mail addresses and the home folder's user name. No names of people, telephone numbers, addresses. */
export class PersonalData {
  readonly #inPaths: RegExp | undefined;
  readonly #bare: RegExp | undefined;

  /** @param userName the last part of the home folder's path */
  constructor(userName: string | undefined) {
    if (!userName) return;
    const name = userName.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    this.#inPaths = new RegExp(
      `(?<=(?:/home/|/Users/|\\\\Users\\\\|\\\\\\\\Users\\\\\\\\|/export/home/))${name}(?![\\w.-])`,
      'gi',
    );
    if (userName.length < LEAST_BARE_NAME || COMMON_ACCOUNTS.test(userName)) return;
    this.#bare = new RegExp(`(?<![A-Za-z0-9_])${name}(?![A-Za-z0-9_])`, 'g');
  }

  find(text: string, budget: WorkBudget): Found[] {
    const found: Found[] = addresses(text, budget);
    for (const expression of [this.#inPaths, this.#bare]) {
      if (!expression) continue;
      budget.spend(text.length >>> 4);
      for (const match of text.matchAll(expression)) {
        found.push({ start: match.index, end: match.index + match[0].length, kind: 'user-name' });
      }
    }
    return found;
  }
}

const DOMAIN = /[A-Za-z0-9](?:[A-Za-z0-9.-]{0,120}[A-Za-z0-9])?\.[A-Za-z]{2,24}(?![A-Za-z0-9])/y;
const LOCAL_PART = /[\w.+%'-]{1,64}$/;

/** E-mail addresses, from their `@`: nothing before it is looked at twice. `git@github.com:…` is a place. */
function addresses(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    budget.spend(80);
    DOMAIN.lastIndex = at + 1;
    if (!DOMAIN.test(text)) continue;
    const local = LOCAL_PART.exec(text.slice(Math.max(0, at - 64), at))?.[0] ?? '';
    if (local === '' || local === 'git') continue;
    found.push({ start: at - local.length, end: DOMAIN.lastIndex, kind: 'email' });
  }
  return found;
}
