import { describe, expect, it } from '@jest/globals';
import { ourForm } from '../../../src/install/codex-config/our-notifier.js';

describe('ourForm', () => {
  it.each([
    [['mlflow-codex', 'notify-hook'], 'name'],
    [['/usr/local/bin/mlflow-codex', 'notify-hook'], 'name'],
    [['C:\\Users\\a\\npm\\mlflow-codex.cmd', 'notify-hook'], 'name'],
    [['node', '/opt/x/bin/mlflow-codex.js', 'notify-hook'], 'node'],
    [['/usr/bin/node', '--no-warnings', '/x/mlflow-codex.js', 'notify-hook'], 'node'],
    [['C:\\node\\node.exe', 'C:\\a b\\bin\\mlflow-codex.js', 'notify-hook'], 'node'],
    [['nodejs', '/usr/local/bin/mlflow-codex', 'notify-hook'], 'node'],
    [['npx', '-y', '@mlflow/codex', 'notify-hook'], 'npx'],
    [['npx', '--yes', '@mlflow/codex@0.1.0', 'notify-hook'], 'npx'],
    [['/usr/bin/npx', '-y', '--package=@mlflow/codex@1', 'mlflow-codex', 'notify-hook'], 'npx'],
    [['node', '/home/a/node_modules/@mlflow/codex/bundle/stop.js'], 'older'],
    [['node.exe', 'C:\\x\\@mlflow\\codex\\bundle\\stop.js', '--flag'], 'older'],
  ])('knows %j for ours (%s)', (argv, form) => {
    expect(ourForm(argv)).toBe(form);
  });

  it.each([
    [[]],
    [['notify-send', 'Codex']],
    [['mlflow-codex']],
    [['mlflow-codex', 'status']],
    [['mlflow-codex-extra', 'notify-hook']],
    [['my-mlflow-codex', 'notify-hook']],
    [['sh', '-c', 'mlflow-codex notify-hook']],
    [['terminal-notifier', 'mlflow-codex', 'notify-hook']],
    [['node', '/x/other.js', 'mlflow-codex.js', 'notify-hook']],
    [['node', '/x/mlflow-codex.js', 'status']],
    [['node', '/x/codex/bundle/stop.js']],
    [['node', '/x/not@mlflow/codex/bundle/stop.js']],
    [['npx', '-y', '@mlflow/codex-extra', 'notify-hook']],
    [['npx', 'mlflow', 'notify-hook']],
    [['npx', '-y', '@mlflow/codex', 'status']],
  ])('knows %j for somebody else’s', (argv) => {
    expect(ourForm(argv)).toBeUndefined();
  });
});
