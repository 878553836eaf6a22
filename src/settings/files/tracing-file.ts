/** The name of a tracing config, in a project's `.codex` folder and in Codex's home. */
export const TRACING_FILE = 'mlflow-tracing.json';
