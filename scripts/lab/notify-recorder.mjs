// @ts-check
/**
 * A notifier that only writes down what Codex gives it: `node notify-recorder.mjs FOLDER PAYLOAD`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [folder = '.', payload = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, `${Date.now()}-${process.pid}.json`), payload);
