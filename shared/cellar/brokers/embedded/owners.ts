import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { types } from 'node:util';
import type { EmbeddedFile } from './embedded-file.ts';
import { MessageState } from './schema.ts';

/** The processes that hold deliveries: when one dies, what it held comes back at once instead of after its timeout. */
export interface Owners {
  /** A number for one receive call, unlike that of any other call of any living process; needs a write transaction. */
  nextClaim(): number;
  /** Whether a process of this machine that holds deliveries is dead. */
  anyDead(): boolean;
  /** Gives back what dead processes of this machine held; answers how many messages. Needs a write transaction. */
  returnOfDead(): number;
  /** Gives back what this connection holds and forgets it. Needs a write transaction. */
  leave(): void;
}

interface OwnerRow {
  readonly id: number;
  readonly pid: number;
  readonly started: string;
}

/** Claims of one owner: `owner * CLAIMS + n`. */
const CLAIMS = 2 ** 32;
/** Owner ids begin above 2^8, so that every claim fills six bytes: a row then keeps its size and is overwritten in its place. */
const FIRST_OWNER = 2 ** 8;

export function openOwners({ database, runtime, onRollback }: EmbeddedFile): Owners {
  const host = hostKey();
  const insert = database.prepare(`
    INSERT INTO cellar_owners (id, host, pid, started)
    SELECT max(ifnull(max(id) + 1, 0), ${FIRST_OWNER}), ?, ?, ? FROM cellar_owners`);
  const selectOfHost = database.prepare('SELECT id, pid, started FROM cellar_owners WHERE host = ?');
  const remove = database.prepare('DELETE FROM cellar_owners WHERE id = ?');
  const giveBack = database.prepare(`
    UPDATE cellar_messages SET state = ${MessageState.ready}
    WHERE state >= ${MessageState.inFlight} AND state = ${MessageState.inFlight} AND claim >= ? AND claim < ?`);
  let self: number | undefined;
  // Not from 0: a receipt of an owner of the same number, long gone, must not fit again.
  let used = Math.floor(runtime.random() * 2 ** 24);

  // The transaction may have held this connection's own entry.
  onRollback(() => {
    self = undefined;
  });

  function returnOf(owner: number): number {
    const { changes } = giveBack.run(owner * CLAIMS, (owner + 1) * CLAIMS);
    remove.run(owner);
    return Number(changes);
  }

  function dead(): readonly OwnerRow[] {
    const owners = selectOfHost.all(host).map((row) => ({
      id: Number(row['id']),
      pid: Number(row['pid']),
      started: String(row['started']),
    }));
    return owners.filter((owner) => owner.pid !== process.pid && !isAlive(owner));
  }

  return {
    nextClaim() {
      self ??= Number(insert.run(host, process.pid, processStart(process.pid)).lastInsertRowid);
      used = (used + 1) % CLAIMS;
      return self * CLAIMS + used;
    },
    anyDead: () => dead().length > 0,
    returnOfDead: () => dead().reduce((sum, { id }) => sum + returnOf(id), 0),
    leave() {
      if (self !== undefined) returnOf(self);
      self = undefined;
    },
  };
}

/** The machine and, where there are several, the process id namespace: equal pids elsewhere mean other processes. */
function hostKey(): string {
  return `${hostname()} ${reading(() => readlinkSync('/proc/self/ns/pid')) ?? ''}`.trim();
}

function isAlive({ pid, started }: OwnerRow): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (types.isNativeError(error) && 'code' in error && error.code === 'ESRCH') return false;
  }
  const now = processStart(pid);
  return now === '' || started === '' || now === started;
}

/**
 * Boot and start time of a process, so that a process id used again is not mistaken for the old one; '' where /proc
 * does not tell. A zombie has ended: it only waits for its parent (proc_pid_stat(5), fields 3 and 22).
 */
function processStart(pid: number): string {
  const stat = reading(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (stat === undefined) return '';
  // The second field, the program's name, may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return 'ended';
  const boot = reading(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());
  return `${boot ?? ''} ${fields[19] ?? ''}`;
}

function reading(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
