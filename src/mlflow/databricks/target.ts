import type { SignIn } from './sign-in.js';

/** Which experiment of a workspace, as the settings name it. */
export type ExperimentName = { readonly id: string } | { readonly name: string };

/** What a Databricks destination has besides its address. */
export interface DatabricksTarget {
  /** Holds secrets. */
  readonly signIn: SignIn;
  /** Absent where none is named; a trace location needs none. */
  readonly experiment?: ExperimentName;
  /** `catalog.schema.prefix`, where the user names it: then the experiment is not asked for its own. */
  readonly traceLocation?: string;
}

/** Where traces lie in a workspace. */
export type TraceLocation =
  /** An experiment that is bound to nothing: trace info and a file. */
  | { readonly kind: 'experiment'; readonly experimentId: string }
  /** Tables in Unity Catalog. */
  | {
      readonly kind: 'unity-catalog';
      /** `catalog.schema.prefix`. */
      readonly prefix: string;
      /** `catalog.schema.table`, which takes the spans. */
      readonly spansTable: string;
    };

/** The location that the user named, with the table as Databricks names it (MLflow 3.17). */
export function namedLocation(prefix: string): TraceLocation {
  return { kind: 'unity-catalog', prefix, spansTable: `${prefix}_otel_spans` };
}
