declare const PACKAGE_VERSION: string | undefined;

export const PACKAGE_NAME = '@mlflow/codex';

/** Our version, put in by the bundler; `0.0.0` where the sources run unbundled (tests). */
export function packageVersion(): string {
  return typeof PACKAGE_VERSION === 'string' ? PACKAGE_VERSION : '0.0.0';
}
