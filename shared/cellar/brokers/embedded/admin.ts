import type { BrokerAdmin, PeekedMessage, QueueCounts } from '../../broker.ts';
import type { Arrivals } from './arrivals.ts';
import type { DueMessages } from './due.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import type { Envelopes } from './envelopes.ts';
import { openPeek } from './peek.ts';
import type { QueueRegistry, QueueRow } from './queue-registry.ts';
import { openRedrive } from './redrive.ts';

export interface AdminParts {
  readonly file: EmbeddedFile;
  readonly queues: QueueRegistry;
  readonly envelopes: Envelopes;
  readonly arrivals: Arrivals;
  readonly due: DueMessages;
  readonly arrived: (queue: QueueRow) => void;
}

/** What people and tools do to the queues of the file. */
export function openAdmin(parts: AdminParts): BrokerAdmin {
  const { file, queues, due } = parts;
  const statements = prepare(file.database);
  const { peek, takeDelayed } = openPeek(file, parts.envelopes, queues);
  const redrive = openRedrive(parts);

  /** What is due but not moved yet counts as what it is by now. */
  async function settleDue(): Promise<void> {
    while (await file.read(due.any)) await file.write(() => due.move(parts.arrived));
  }

  function count(queue: QueueRow): QueueCounts {
    const row = statements.count.get({ queue: queue.id }) ?? {};
    const oldest = row['oldest'];
    return {
      queue: queue.name,
      ready: Number(row['ready']),
      inFlight: Number(row['in_flight']),
      delayed: Number(row['delayed']),
      dead: Number(row['dead']),
      ...(typeof oldest === 'number' ? { oldestReadyAtMs: oldest } : {}),
    };
  }

  /** Groups whose head was in flight keep waiting for it: what is left is either that head or nothing. */
  function purge(queue: QueueRow): number {
    const { changes: ready } = statements.purgeReady.run(queue.id);
    return Number(ready) + Number(statements.purgeDelayed.run(queue.id).changes);
  }

  return {
    async counts(names) {
      await settleDue();
      return await file.read(() => (names ?? queues.names()).map((name) => count(queues.get(name))));
    },
    async peek(name, { place, limit }): Promise<readonly PeekedMessage[]> {
      const queue = queues.get(name);
      await settleDue();
      return await file.read(() => peek(queue, place, limit));
    },
    async purge(name) {
      const queue = queues.get(name);
      return await file.write(() => purge(queue));
    },
    redrive: async (name, options) => await redrive(queues.get(name), options?.limit ?? Number.POSITIVE_INFINITY),
    cancelDelayed: (taskId) => file.write(() => takeDelayed(taskId, file.runtime.clock.now())),
  };
}

function prepare(database: EmbeddedFile['database']) {
  return {
    count: database.prepare(`SELECT
      (SELECT count(*) FROM cellar_messages WHERE queue = :queue AND state = 2)
        + (SELECT count(*) FROM cellar_messages WHERE queue = :queue AND state = 3) AS ready,
      (SELECT count(*) FROM cellar_messages WHERE queue = :queue AND state >= 4 AND state = 4) AS in_flight,
      (SELECT count(*) FROM cellar_messages WHERE queue = :queue AND state >= 4 AND state = 5)
        + (SELECT count(*) FROM cellar_delayed WHERE queue = :queue) AS delayed,
      (SELECT count(*) FROM cellar_dead WHERE queue = :queue) AS dead,
      (SELECT min(enqueued_at) FROM (
        SELECT * FROM (SELECT enqueued_at FROM cellar_messages WHERE queue = :queue AND state = 2 ORDER BY id LIMIT 1)
        UNION ALL
        SELECT * FROM (SELECT enqueued_at FROM cellar_messages WHERE queue = :queue AND state = 3 ORDER BY id LIMIT 1)
      )) AS oldest`),
    purgeReady: database.prepare('DELETE FROM cellar_messages WHERE queue = ? AND state IN (2, 3, 5)'),
    purgeDelayed: database.prepare('DELETE FROM cellar_delayed WHERE queue = ?'),
  };
}
