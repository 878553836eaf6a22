import { expect, test } from '@jest/globals';
import { namedLocation } from '../../../src/mlflow/databricks/target.js';

test('spans of a named location go into the table that Databricks names so', () => {
  expect(namedLocation('main.traces.codex')).toEqual({
    kind: 'unity-catalog',
    prefix: 'main.traces.codex',
    spansTable: 'main.traces.codex_otel_spans',
  });
});
