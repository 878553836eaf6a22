// @ts-check
/**
 * Recordings for the benchmark: a turn as a real Codex recorded it, at the end of sessions of any size.
 */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const fixtures = path.join(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../__tests__/fixtures/rollouts/0.169.0-classic',
);
const BLOCK = 8 * 1024 * 1024;

/** @typedef {{ file: string, threadId: string, turnId: string }} Session `turnId`: of the turn at its end */

/** A session that grows: what stands in it before, and the turn that is measured. */
export class GrowingSession {
  #turns = 0;
  #header;
  #turn;
  #recordedTurnId;

  /**
   * @param {string} codexHome
   * @param {string} [fixture] whose turn is measured: `parallel` has four commands and eight spans
   * @param {(turn: string) => string} [change]
   */
  constructor(codexHome, fixture = 'parallel', change = (turn) => turn) {
    const folder = path.join(fixtures, fixture);
    const name = readdirSync(folder).find((entry) => entry.startsWith('rollout-')) ?? '';
    const text = readFileSync(path.join(folder, name), 'utf8');
    const end = text.indexOf('\n') + 1;
    this.#header = text.slice(0, end);
    this.#turn = change(text.slice(end));
    this.#recordedTurnId = /"turn_id":"([0-9a-f-]{36})"/.exec(this.#turn)?.[1] ?? '';
    this.threadId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(name)?.[0] ?? '';
    const day = path.join(codexHome, 'sessions/2026/11/25');
    mkdirSync(day, { recursive: true });
    this.file = path.join(day, name);
    appendFileSync(this.file, this.#header);
  }

  /** Appends turns of old until so much is there; a gigabyte takes about two seconds. @param {number} bytes */
  fill(bytes) {
    const turn = this.#turnWith(this.#nextId());
    const block = turn.repeat(Math.max(1, Math.floor(Math.min(BLOCK, bytes) / turn.length)));
    const file = openSync(this.file, 'a');
    for (let written = 0; written < bytes; written += block.length) writeSync(file, block);
    closeSync(file);
  }

  /** Appends one more turn. @returns {Session} */
  addTurn() {
    const turnId = this.#nextId();
    appendFileSync(this.file, this.#turnWith(turnId));
    return { file: this.file, threadId: this.threadId, turnId };
  }

  #nextId() {
    return `01a21070-0000-7000-8000-${String(this.#turns++).padStart(12, '0')}`;
  }

  /** @param {string} turnId */
  #turnWith(turnId) {
    return this.#turn.replaceAll(this.#recordedTurnId, turnId);
  }
}

/** Makes the one small picture of a turn into several large ones. @param {number} count @param {number} bytes */
export function largePictures(count, bytes) {
  const picture = `data:image/png;base64,${'iVBORw0KGgoAAAANSUhEUgAA'.repeat(Math.ceil((bytes * 4) / 3 / 24))}`;
  /** @param {string} turn */
  return (turn) =>
    turn.replace(/\{"type":"input_image","image_url":"data:[^"]*"[^}]*\}/, (found) =>
      Array.from({ length: count }, () => found.replace(/data:[^"]*/, picture)).join(','),
    );
}
