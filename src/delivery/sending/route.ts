import type { Destination } from '../../mlflow/server.js';
import type { Sender } from '../../otlp/sender.js';
import type { Settings } from '../../settings/merge-settings.js';

/** A folder whose turns are to be sent, and where to. */
export interface DeliverRoute {
  readonly kind: 'deliver';
  readonly settings: Settings;
  readonly destination: Destination;
  readonly sender: Sender;
}

/** The route of a turn that is to be sent, though not always now. */
export type OpenRoute = Exclude<Route, { readonly kind: 'skip' }>;

/**
 * Where a folder's turns go. `skip`: they are not to be sent; `problem`: they are, once a person has
 * mended something, or once it has passed.
 */
export type Route =
  | DeliverRoute
  | { readonly kind: 'skip'; readonly outcome: 'untraced' | 'disabled'; readonly detail: string }
  | {
      readonly kind: 'problem';
      readonly detail: string;
      /** It may pass by itself, as a server does that is not to be reached. */
      readonly passes?: true;
    };
