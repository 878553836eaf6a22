import type { Problem } from '../../platform/problems/problem.js';

/** A token for a workspace's requests. */
export interface AccessToken {
  readonly token: string;
  /** Whether another can be had where this one is refused: not so for a personal token. */
  readonly renewable: boolean;
}

/** A token, or why there is none now. */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly value: AccessToken }
  | {
      readonly kind: 'no token';
      /** What a person reads; without a secret. */
      readonly problem: Problem;
      /** Waiting alone will not help. */
      readonly blocked: boolean;
      /** As the server wrote it: seconds, or a date. */
      readonly retryAfter?: string;
    };

/** How a token is asked for. */
export interface TokenQuestion {
  /** The last one was refused: not from any cache. */
  readonly fresh: boolean;
  readonly timeoutMs: number;
}
