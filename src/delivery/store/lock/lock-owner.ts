import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { asNumber, asObject, asText, compact } from '../../../platform/json.js';

/** Who holds a lock file, as far as others can judge whether it still lives. */
export interface LockOwner {
  /** For a person who looks into the file. */
  readonly host: string;
  readonly pid: number;
  /** Where the owner's socket is one and the same: of all with this domain only one holds the socket. Without a socket the owner's alone. */
  readonly domain: string;
  /** Where its pid means the same process; absent where that cannot be told. */
  readonly pidSpace?: string;
  /** When its process began, in the kernel's own count: tells it from a later one with its pid. */
  readonly started?: string;
  /** Drawn anew for every holding. */
  readonly token: string;
}

/** Where Linux tells of its processes (proc(5)); other systems have no such folder. */
const PROC = '/proc';

/**
 * This process as an owner.
 * @param address of the socket that it holds beside the lock file; absent where it holds none
 */
export function ownerHere(address: string | undefined, token: string, proc = PROC): LockOwner {
  const host = hostname();
  // A boot's id is the same in all containers of a machine, and no other machine has it.
  const boot = textOf(path.join(proc, 'sys/kernel/random/boot_id')) ?? `${process.platform} ${host}`;
  const pidNamespace = linkOf(path.join(proc, 'self/ns/pid'));
  return compact({
    host,
    pid: process.pid,
    domain: address === undefined ? `none ${token}` : `${boot} ${domainOf(address, proc)}`,
    pidSpace: pidNamespace && `${boot} ${pidNamespace}`,
    started: statOf(process.pid, proc)?.started,
    token,
  });
}

/** An abstract socket ends at the network namespace; one with a file at what is mounted there. */
function domainOf(address: string, proc: string): string {
  const namespace = linkOf(path.join(proc, 'self/ns', address.startsWith('\0') ? 'net' : 'mnt'));
  return [namespace, address.replaceAll('\0', '@')].join(' ');
}

/** An owner from the first line of its file; undefined where there is none in it (a process died between making and writing it). */
export function parseOwner(text: string): LockOwner | undefined {
  const [line = ''] = text.split('\n');
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  const object = asObject(json);
  const [token, domain] = [asText(object?.['token']), asText(object?.['domain'])];
  const pid = asNumber(object?.['pid']);
  if (!object || !token || !domain || pid === undefined) return undefined;
  return compact({
    host: asText(object['host']) ?? '',
    pid,
    domain,
    pidSpace: asText(object['pidSpace']),
    started: asText(object['started']),
    token,
  });
}

/**
 * Whether an owner lives, as far as that is sure: it may be out of our sight. One of our pid space that is
 * stopped is alive, however long it gives no sign.
 * @param own of a process that holds its socket
 */
export function lifeOf(owner: LockOwner, own: LockOwner, proc = PROC): 'alive' | 'dead' | undefined {
  // It would hold the socket that we hold.
  if (owner.domain === own.domain) return 'dead';
  if (owner.pidSpace === undefined || owner.pidSpace !== own.pidSpace) return undefined;
  const running = statOf(owner.pid, proc);
  if (!running) return isGone(owner.pid) ? 'dead' : undefined;
  if (owner.started === undefined) return undefined;
  return running.isZombie || running.started !== owner.started ? 'dead' : 'alive';
}

/** What `/proc/<pid>/stat` says of a process of this pid namespace; undefined where it cannot be read. */
function statOf(pid: number, proc: string): { started: string; isZombie: boolean } | undefined {
  // The name, in brackets, may hold brackets and blanks itself.
  const fields = textOf(path.join(proc, String(pid), 'stat'))
    ?.split(') ')
    .at(-1)
    ?.split(' ');
  const [state, started] = [fields?.[0], fields?.[19]];
  return started === undefined ? undefined : { started, isZombie: state === 'Z' };
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function linkOf(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
