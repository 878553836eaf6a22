import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const demo = path.join(process.cwd(), 'scripts', 'demo.mjs');

test('the demo shows the trace of a real turn in the terminal where no MLflow answers', async () => {
  // Port 9 (discard) is closed on every machine that runs tests.
  const { code, output } = await runDemo({ MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' });
  expect(output).toContain('No MLflow answers at MLFLOW_TRACKING_URI');
  expect(output).toContain('The test of the cart fails. Find out why and repair it.');
  expect(output).toContain('The test passes now.');
  const agent = 'invoke_agent /root/lookout';
  for (const span of ['invoke_agent codex', 'chat gpt-5.5', 'exec_command', 'apply_patch', agent]) {
    expect(output).toContain(span);
  }
  expect(output).toMatch(/exec_command .*✗ exit code 1 {2}node --test/);
  expect(output).toMatch(/chat gpt-5\.5 .* tokens {2}\$0\.\d{4}/);
  expect(output).toContain('npm run demo -- --mlflow');
  expect(code).toBe(0);
});

function runDemo(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [demo], {
      env: { ...process.env, ...env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
