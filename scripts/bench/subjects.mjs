// @ts-check
import path from 'node:path';
import { writeLargeTurn } from '../lab/large-turn.mjs';
import { barePost, parseAndPost } from './bare-programs.mjs';
import { BenchHome } from './bench-home.mjs';
import { GrowingSession, largePictures } from './sessions.mjs';

const MB = 1024 * 1024;

/**
 * What is measured: a command, what puts its home back before each run, and how often it runs.
 * @typedef {object} Subject
 * @property {string} name
 * @property {{ command: string, args: string[], env?: NodeJS.ProcessEnv, cwd?: string, stdin?: string }} run
 * @property {() => void} [before]
 * @property {() => Promise<void>} [after] waits for what the command leaves behind
 * @property {true} [isLong] takes seconds: a few rounds tell enough
 */

/**
 * @typedef {object} Place
 * @property {string} dir an empty folder
 * @property {string} node
 * @property {string} url where traces go
 * @property {(subject: Subject) => Promise<number[]>} trial runs it once: the sizes of the bodies it sent, in bytes
 */

/** Groups of subjects by their name; each is made when it is asked for. @type {Record<string, (place: Place) => Promise<Subject[]>>} */
export const GROUPS = {
  typical: async (place) => {
    const { node, url } = place;
    const hook = await hookAfter(place, 'hook, typical turn', MB);
    const [bytes = 0] = await place.trial(hook);
    return [
      { name: 'node -e 0', run: { command: node, args: ['-e', '0'] } },
      { name: 'bare POST', run: { command: node, args: ['-e', barePost(url, bytes)] } },
      hook,
      await hookAfter(place, 'hook, typical turn after 200 MB', 200 * MB),
      await hookAfter(place, 'hook, typical turn, redaction off', MB, { redact: false }),
      await idleHook(place),
      await show(place),
    ];
  },
  'tool-heavy': async (place) => {
    const home = await readyHome(place, 'tool-heavy');
    return turnOf(place, home, 'tool-heavy turn', { calls: 60, bytes: 8_000 });
  },
  'image-heavy': async (place) => {
    const home = await readyHome(place, 'image-heavy');
    const session = new GrowingSession(home.dir, 'image', largePictures(6, MB));
    return withLeast(place, home, 'image-heavy turn', session.addTurn());
  },
  night: async (place) => {
    const home = await readyHome(place, 'night');
    return turnOf(place, home, 'turn of 1,000 commands, 50 MB', { calls: 1000, bytes: 25_000 }, true);
  },
  sync: async (place) => {
    const home = new BenchHome(path.join(place.dir, 'sync'), place.node);
    await home.setUp(place.url, '--user');
    home.keep();
    const session = new GrowingSession(home.dir);
    const { file, threadId } = Array.from({ length: 1000 }, () => session.addTurn())[0] ?? session.addTurn();
    const name = 'sync of 1,000 turns, 20 MB';
    const run = home.command(['sync', threadId]);
    return againstLeast(place, { name, run, before: () => home.restore(), isLong: true }, file);
  },
  huge: async (place) => {
    const after = await hookAfter(place, 'hook, typical turn after 2 GB', 2048 * MB);
    const home = await readyHome(place, 'huge');
    return [
      after,
      ...(await turnOf(place, home, 'turn of 4,000 commands, 208 MB', { calls: 4000, bytes: 25_000 }, true)),
    ];
  },
};

/** @param {Place} place @param {string} name */
async function readyHome({ dir, node, url }, name) {
  const home = new BenchHome(path.join(dir, name), node);
  await home.setUp(url, '--user');
  await home.warmUp(new GrowingSession(home.dir).addTurn());
  return home;
}

/**
 * The hook for the second of two turns at the end of a session.
 * @param {Place} place @param {string} name @param {number} bytes @param {object} [settings] beside those of setup
 */
async function hookAfter({ dir, node, url }, name, bytes, settings) {
  const home = new BenchHome(path.join(dir, name.replace(/\W+/g, '-')), node);
  await home.setUp(url, '--user');
  if (settings) home.change(settings);
  const session = new GrowingSession(home.dir);
  session.fill(bytes);
  await home.warmUp(session.addTurn());
  return { name, run: home.hook(session.addTurn()), before: () => home.restore() };
}

/** The hook in a folder that is not traced, of a user who traces another. @param {Place} place @returns {Promise<Subject>} */
async function idleHook({ dir, node, url }) {
  const home = new BenchHome(path.join(dir, 'idle'), node);
  await home.setUp(url, '--project');
  home.keep();
  const session = new GrowingSession(home.dir).addTurn();
  return { name: 'hook, project not traced', run: home.hook(session), before: () => home.restore() };
}

/** @param {Place} place @returns {Promise<Subject>} */
async function show({ dir, node, url }) {
  const home = new BenchHome(path.join(dir, 'show'), node);
  await home.setUp(url, '--user');
  const { threadId } = new GrowingSession(home.dir).addTurn();
  return { name: 'show, typical turn', run: home.command(['show', threadId]) };
}

/**
 * A made-up turn, beside the least that reading and sending it takes.
 * @param {Place} place @param {BenchHome} home @param {string} name
 * @param {{ calls: number, bytes: number }} size @param {true} [isLong]
 */
async function turnOf(place, home, name, size, isLong) {
  const turn = writeLargeTurn(home.dir, { ...size, cwd: home.folder });
  return withLeast(place, home, name, turn, isLong);
}

/** @param {Place} place @param {BenchHome} home @param {string} name @param {import('./sessions.mjs').Session} session @param {true} [isLong] */
async function withLeast(place, home, name, session, isLong) {
  /** @type {Subject} */
  const hook = {
    name: `hook, ${name}`,
    run: home.hook(session),
    before: () => home.restore(),
    after: () => home.settled(),
  };
  return againstLeast(place, isLong ? { ...hook, isLong } : hook, session.file);
}

/** @param {Place} place @param {Subject} subject @param {string} file @returns {Promise<Subject[]>} */
async function againstLeast(place, subject, file) {
  const sizes = await place.trial(subject);
  const { name, isLong } = subject;
  const run = { command: place.node, args: ['-e', parseAndPost(place.url, file, sizes)] };
  const least = { name: `bare parse and POST: ${name.replace('hook, ', '')}`, run };
  return [isLong ? { ...least, isLong } : least, subject];
}
