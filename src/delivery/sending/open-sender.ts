import type { Destination } from '../../mlflow/server.js';
import type { Sender } from '../../otlp/sender.js';
import { SpanSender } from '../../otlp/span-sender.js';
import { tryLock } from '../store/lock/lock.js';

/** Opens the sender that a destination needs; a workspace's is loaded only here. */
export async function openSender(
  destination: Destination,
  { env, stateDir }: { env: NodeJS.ProcessEnv; stateDir: string },
): Promise<Sender> {
  if (destination.databricks === undefined) return new SpanSender(destination);
  const { openDatabricks } = await import('../../databricks/open-databricks.js');
  return openDatabricks(destination, {
    env,
    stateDir,
    openSpanSender: (spans) => new SpanSender(spans),
    // Where no lock is to be had at all, a file that might be put twice beats one that never is.
    lock: (key) => tryLock(stateDir, key).catch(() => ({ release: async () => {} })),
  });
}
