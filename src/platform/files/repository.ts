declare const REPOSITORY_URL: string | undefined;

/** Where this project's pages are: put in by the bundler, from package.json. */
export function repositoryUrl(): string {
  return typeof REPOSITORY_URL === 'string' ? REPOSITORY_URL : 'https://example.org/mlflow-codex';
}
