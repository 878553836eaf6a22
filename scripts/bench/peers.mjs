// @ts-check
import { BenchHome } from './bench-home.mjs';
import { GrowingSession } from './sessions.mjs';

const MB = 1024 * 1024;

/**
 * Other tracers on the same turns as our hook. Each is a command of a shell, which gets the input of a Stop
 * hook on stdin; `{url}` in it is the receiver's address, `{payload}` in it what `notify` would say.
 * @param {string[]} peers `NAME=COMMAND`
 * @param {import('./subjects.mjs').Place} place
 * @returns {import('./subjects.mjs').Subject[]}
 */
export function peerSubjects(peers, { dir, node, url }) {
  return peers.flatMap((peer) => {
    const [name = '', ...rest] = peer.split('=');
    const command = rest.join('=');
    if (command === '') throw new Error(`"${peer}" is not NAME=COMMAND`);
    return [1, 200].map((megabytes) => {
      const home = new BenchHome(`${dir}/peer-${name}-${megabytes}`, node);
      const session = new GrowingSession(home.dir);
      session.fill(megabytes * MB);
      const { file, threadId, turnId } = session.addTurn();
      const notify = {
        type: 'agent-turn-complete',
        'thread-id': threadId,
        'turn-id': turnId,
        cwd: home.folder,
      };
      const payload = `'${JSON.stringify(notify)}'`;
      const input = {
        session_id: threadId,
        turn_id: turnId,
        transcript_path: file,
        cwd: home.folder,
        hook_event_name: 'Stop',
        last_assistant_message: 'Done.',
      };
      home.keep();
      const run = {
        command: 'sh',
        args: ['-c', command.replaceAll('{url}', url).replaceAll('{payload}', payload)],
        env: home.env,
        cwd: home.folder,
        stdin: JSON.stringify(input),
      };
      return { name: `peer: ${name}, after ${megabytes} MB`, run };
    });
  });
}
