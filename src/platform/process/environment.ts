/** An environment variable's value without surrounding blanks; empty counts as unset, as in MLflow's client. */
export function envText(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name]?.trim();
  return value ? value : undefined;
}

/** A switch in the environment: unset, empty, 0, false, no and off are off; anything else is on. */
export function envFlag(env: NodeJS.ProcessEnv, name: string): boolean {
  return !['', '0', 'false', 'no', 'off'].includes(env[name]?.trim().toLowerCase() ?? '');
}
