/** One way of getting an access token for a workspace. Holds secrets: for the wire only, never for a log. */
export type SignInWay =
  /** A personal access token: nothing renews it. */
  | { readonly way: 'pat'; readonly token: string }
  /** A service principal's OAuth client. */
  | { readonly way: 'oauth-m2m'; readonly clientId: string; readonly clientSecret: string }
  /** The Databricks CLI after `databricks auth login`; without a profile it is asked by host. */
  | { readonly way: 'databricks-cli'; readonly profile?: string }
  | { readonly way: 'azure-cli' };

/** The names of the ways, as `DATABRICKS_AUTH_TYPE` and `auth_type` have them (databricks-sdk 0.162). */
export type AuthType = SignInWay['way'];

/** In the order in which they are taken where several are possible. */
export const AUTH_TYPES: readonly AuthType[] = ['pat', 'oauth-m2m', 'databricks-cli', 'azure-cli'];

/** A workspace and how to get in, host and secret from one and the same source. */
export interface SignIn {
  /** The workspace's origin, `https://…`. */
  readonly host: string;
  /** Where host and secret were found: `environment`, or a profile and its file. */
  readonly source: string;
  /** Tried in this order; more than one only where nothing says which of two programs is signed in. */
  readonly ways: readonly [SignInWay, ...SignInWay[]];
  /** Complete ways of the same source that were passed over. */
  readonly passedOver: readonly AuthType[];
}
