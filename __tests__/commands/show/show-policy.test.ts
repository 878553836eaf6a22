import { userInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { policyAsSaid, policyAsSent } from '../../../src/commands/show/show-policy.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());
const asSent = () => policyAsSent(bench.project, bench.codexHome, bench.io());
const settings = (more: object) =>
  bench.put(bench.userTracing, { trackingUri: 'http://127.0.0.1:1', ...more });

describe('as it was said', () => {
  test('nothing is taken out but what is too long, and nobody’s tags are added', () => {
    expect(policyAsSaid(bench.io())).toEqual({
      kind: 'policy',
      policy: {
        mode: 'full',
        redactor: undefined,
        maxContentBytes: 65_536,
        slowPattern: expect.any(Function),
      },
      options: { userId: userInfo().username, tags: {} },
    });
  });
});

describe('as it would be sent', () => {
  test('the settings of the folder count', async () => {
    settings({
      content: 'metadata',
      redact: false,
      maxContentBytes: 2000,
      userId: 'grace',
      tags: { team: 'x' },
    });
    expect(await asSent()).toEqual({
      kind: 'policy',
      policy: {
        mode: 'metadata',
        redactor: undefined,
        maxContentBytes: 2000,
        slowPattern: expect.any(Function),
      },
      options: { userId: 'grace', tags: { team: 'x' } },
    });
  });

  test('the user’s name and a search for secrets are there without being asked for', async () => {
    settings({});
    expect(await asSent()).toMatchObject({
      policy: { mode: 'full', redactor: expect.any(Object) },
      options: { userId: userInfo().username, tags: {} },
    });
  });

  test('nothing leaves, and it is said why, where nothing is traced', async () => {
    const nothing = (reason: string) => ({ kind: 'nothing leaves', reason });
    expect(await asSent()).toEqual(nothing(`turns in ${bench.project} are not traced`));
    settings({ enabled: false });
    expect(await asSent()).toEqual(nothing(`tracing is switched off by ${bench.userTracing}`));
    bench.put(bench.userTracing, '{');
    expect(await asSent()).toEqual(
      nothing(expect.stringContaining(`${bench.userTracing}:1:`) as unknown as string),
    );
  });
});
