import { describe, expect, test } from '@jest/globals';
import {
  experimentFault,
  parseSetupRequest,
  trackingUriFault,
} from '../../../../src/commands/setup/plans/setup-request.js';

/** What a command line without a word asks for: nothing is switched on. */
const NOTHING = {
  forwardExisting: false,
  stopHook: false,
  live: false,
  trustPlugin: false,
  yes: false,
  dryRun: false,
  json: false,
};

describe('a command line of setup', () => {
  test.each<[string, object]>([
    ['', {}],
    ['--project', { scope: 'project' }],
    ['-p', { scope: 'project' }],
    ['--user', { scope: 'user' }],
    ['-u', { scope: 'user' }],
    ['--system', { scope: 'system' }],
    ['--forward-existing', { forwardExisting: true }],
    ['--stop-hook', { stopHook: true }],
    ['--live', { live: true }],
    ['--user --live', { scope: 'user', live: true }],
    ['--trust-plugin', { trustPlugin: true }],
    ['-y', { yes: true }],
    ['--yes', { yes: true }],
    ['--non-interactive', { yes: true }],
    ['--dry-run', { dryRun: true }],
    ['--json', { json: true }],
    ['--tracking-uri http://h:1', { trackingUri: 'http://h:1' }],
    ['--tracking-uri databricks://team', { trackingUri: 'databricks://team' }],
    ['--experiment-id 7', { experiment: { id: '7' } }],
    ['--experiment-id 1234567890123456789', { experiment: { id: '1234567890123456789' } }],
    ['--experiment-name 7', { experiment: { name: '7' } }],
    ['--trace-location a.b.c', { traceLocation: 'a.b.c' }],
  ])('says no more than is written in it: %s', (line, said) => {
    const argv = line === '' ? [] : line.split(' ');
    expect(parseSetupRequest(argv)).toStrictEqual({ ...NOTHING, ...said });
  });

  test('has blanks around an address and a name taken away', () => {
    expect(
      parseSetupRequest(['--tracking-uri', ' http://h ', '--experiment-name', ' my codex ']),
    ).toStrictEqual({
      ...NOTHING,
      trackingUri: 'http://h',
      experiment: { name: 'my codex' },
    });
  });

  const NO_TRACKING_URI = 'Use http://host:port, https://host, databricks or databricks://profile';
  const FOR_USERS = [
    '--live is for --user: a project’s file cannot switch it on',
    'For every user of the machine put "live": true into its mlflow-tracing.json (docs/watch.md)',
  ];
  test.each<[string[], string, string | undefined]>([
    [['--project', '--user'], '--project and --user exclude each other', undefined],
    [['--project', '--user', '--system'], '--project and --user and --system exclude each other', undefined],
    [
      ['--system', '--forward-existing'],
      '--forward-existing is nothing for --system: its hooks leave every notifier alone',
      undefined,
    ],
    [
      ['--system', '--stop-hook'],
      '--stop-hook is nothing for --system: its hooks leave every notifier alone',
      undefined,
    ],
    [
      ['--system', '--stop-hook', '--forward-existing'],
      '--forward-existing is nothing for --system: its hooks leave every notifier alone',
      undefined,
    ],
    [['--live', '--project'], ...(FOR_USERS as [string, string])],
    [['--live', '--system'], ...(FOR_USERS as [string, string])],
    [
      ['--experiment-id', '1', '--experiment-name', 'x'],
      '--experiment-id and --experiment-name exclude each other',
      undefined,
    ],
    [['--experiment-id', 'x'], '--experiment-id: The id is not digits', '--experiment-name takes a name'],
    [['--experiment-id', '1x'], '--experiment-id: The id is not digits', '--experiment-name takes a name'],
    [['--experiment-id', 'x1'], '--experiment-id: The id is not digits', '--experiment-name takes a name'],
    [
      ['--experiment-id', '12345678901234567890'],
      '--experiment-id: An experiment id has at most 19 digits',
      undefined,
    ],
    [['--experiment-name', ' '], '--experiment-name: The name is empty', undefined],
    [['--experiment-name', ''], '--experiment-name: The name is empty', undefined],
    [['--tracking-uri', ''], '--tracking-uri: The tracking URI is empty', NO_TRACKING_URI],
    [['--trace-location', 'a.b'], '--trace-location: It is not of the form catalog.schema.prefix', undefined],
  ])('%j is refused', (argv, message, hint) => {
    const act = () => parseSetupRequest(argv);
    expect(act).toThrow(expect.objectContaining({ name: 'UsageError', message }));
    expect(act).toThrow(
      hint === undefined
        ? expect.not.objectContaining({ hint: expect.anything() })
        : expect.objectContaining({ hint }),
    );
  });
});

test('an answer that is digits must be an id; any other is a name', () => {
  expect(['7', 'my codex', '1234567890123456789', 'x12345678901234567890'].map(experimentFault)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(experimentFault('12345678901234567890')).toEqual({
    message: 'An experiment id has at most 19 digits',
  });
});

test('an address is judged without being repeated', () => {
  expect(trackingUriFault('https://h')).toBeUndefined();
  expect(trackingUriFault('databricks')).toBeUndefined();
  const fault = trackingUriFault('https://ada:hunter2@h');
  expect(fault?.message).toBe('The tracking URI holds credentials');
  expect(JSON.stringify(fault)).not.toContain('hunter2');
});
