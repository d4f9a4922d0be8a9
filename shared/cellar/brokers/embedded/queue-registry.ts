import type { StatementSync } from 'node:sqlite';
import { CellarError, errorOfProblems } from '../../errors.ts';
import type { Topology } from '../../topology.ts';
import { emptyTopology, exchangeConflict, mergeTopology } from '../merge-topology.ts';
import type { EmbeddedFile } from './embedded-file.ts';

/** A queue as the file knows it. */
export interface QueueRow {
  readonly id: number;
  readonly name: string;
  readonly visibilityMs: number;
}

export interface QueueRegistry {
  /** What was declared through this connection. */
  topology(): Topology;
  declare(topology: Topology): Promise<void>;
  /** A queue that exists, declared here or by another process. */
  find(name: string): QueueRow | undefined;
  /** @throws CellarError `unknown-queue` */
  get(name: string): QueueRow;
  byId(id: number): QueueRow | undefined;
  names(): readonly string[];
}

/** The queues of the file, remembered by name and by id. */
export function openQueueRegistry({ database, write }: EmbeddedFile): QueueRegistry {
  const select = 'SELECT id, name, visibility_seconds FROM cellar_queues';
  const selectByName = database.prepare(`${select} WHERE name = ?`);
  const selectById = database.prepare(`${select} WHERE id = ?`);
  const selectNames = database.prepare('SELECT name FROM cellar_queues ORDER BY id');
  const upsert = database.prepare(`
    INSERT INTO cellar_queues (name, visibility_seconds, max_deliveries) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET visibility_seconds = excluded.visibility_seconds, max_deliveries = excluded.max_deliveries`);
  const insertExchange = database.prepare('INSERT OR IGNORE INTO cellar_exchanges (name, type) VALUES (?, ?)');
  const selectExchange = database.prepare('SELECT type FROM cellar_exchanges WHERE name = ?');
  const names = new Map<string, QueueRow>();
  const ids = new Map<number, QueueRow>();
  let declared = emptyTopology;

  function remember(select: StatementSync, key: string | number): QueueRow | undefined {
    const row = select.get(key);
    if (row === undefined) return undefined;
    const queue = {
      id: Number(row['id']),
      name: String(row['name']),
      visibilityMs: Number(row['visibility_seconds']) * 1000,
    };
    names.set(queue.name, queue);
    ids.set(queue.id, queue);
    return queue;
  }

  /** Other processes' exchanges count too: one of another type is a conflict although this process never saw it. */
  function exchangeConflicts(topology: Topology): readonly string[] {
    return Object.entries(topology.exchanges).flatMap(([name, { type }]) => {
      const stored = selectExchange.get(name)?.['type'];
      return stored === undefined || stored === type ? [] : [exchangeConflict(name, type, String(stored))];
    });
  }

  function store(topology: Topology): readonly string[] {
    const conflicts = exchangeConflicts(topology);
    if (conflicts.length > 0) return conflicts;
    for (const [name, { type }] of Object.entries(topology.exchanges)) insertExchange.run(name, type);
    for (const [name, queue] of Object.entries(topology.queues))
      upsert.run(name, queue.visibilityTimeoutSeconds, queue.maxDeliveries);
    return [];
  }

  const find = (name: string): QueueRow | undefined => names.get(name) ?? remember(selectByName, name);
  return {
    topology: () => declared,
    async declare(topology) {
      const merged = mergeTopology(declared, topology);
      const conflicts = await write(() => store(topology));
      if (conflicts.length > 0) throw errorOfProblems('declare-conflict', 'the topology cannot be declared', conflicts);
      declared = merged;
      for (const name of Object.keys(topology.queues)) remember(selectByName, name);
    },
    find,
    get(name) {
      const queue = find(name);
      if (queue === undefined) throw unknownQueue(name);
      return queue;
    },
    byId: (id) => ids.get(id) ?? remember(selectById, id),
    names: () => selectNames.all().map((row) => String(row['name'])),
  };
}

export function unknownQueue(name: string): CellarError {
  return new CellarError('unknown-queue', `there is no queue '${name}'; declare it in the topology`);
}
