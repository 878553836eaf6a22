/**
 * Runs a constructor of the SDK's with no `OTEL_*` variable set. The exporter merges headers,
 * certificates and a time-out from them into what it is given (exporter-trace-otlp-proto 0.223), and
 * such variables are often set for the program Codex works on, not for us.
 */
export function withoutOtelEnvironment<T>(construct: () => T): T {
  const saved: [string, string | undefined][] = [];
  for (const name of Object.keys(process.env)) {
    if (!name.startsWith('OTEL_')) continue;
    saved.push([name, process.env[name]]);
    delete process.env[name];
  }
  try {
    return construct();
  } finally {
    for (const [name, value] of saved) if (value !== undefined) process.env[name] = value;
  }
}
