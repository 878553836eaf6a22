/**
 * Runs a constructor of the SDK's with no `OTEL_*` variable set. The exporter merges headers,
 * certificates and a time-out from them into what it is given (exporter-trace-otlp-proto 0.223), and
 * such variables are often set for the program Codex works on, not for us.
 */
export function withoutOtelEnvironment<T>(construct: () => T): T {
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('OTEL_'));
  for (const [name] of own) delete process.env[name];
  try {
    return construct();
  } finally {
    Object.assign(process.env, Object.fromEntries(own));
  }
}
