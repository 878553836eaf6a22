import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runPlaces } from '../../../src/delivery/run/run-places.js';
import { currentUser } from '../../../src/platform/process/current-user.js';

test('a run’s places are those of its environment, else of the user’s home folder', () => {
  const env = { CODEX_HOME: path.resolve('/codex') };
  const homeDir = path.resolve('/home/ada');
  const userName = currentUser(env);
  const codexHome = path.resolve('/codex');
  const stateDir = path.join(codexHome, 'mlflow-codex');
  expect(runPlaces(env, homeDir)).toStrictEqual({ env, homeDir, userName, codexHome, stateDir });
  const own = path.join(homeDir, '.codex');
  expect(runPlaces({}, homeDir)).toMatchObject({ codexHome: own, stateDir: path.join(own, 'mlflow-codex') });
});
