import { isWorkspace } from '../mlflow/databricks/workspace.js';
import type { Destination } from '../mlflow/server.js';
import type { Sender } from '../otlp/sender.js';
import { type DatabricksOptions, DatabricksSender } from './databricks-sender.js';

/**
 * Opens the sender for a workspace. The way in for everybody else: it is loaded only where a workspace is
 * the destination, so that the hook of everybody else never parses this room.
 */
export function openDatabricks(destination: Destination, options: DatabricksOptions): Sender {
  if (!isWorkspace(destination)) throw new Error('not a Databricks workspace');
  return new DatabricksSender(destination, options);
}
