import type { Delivery, Disposition, Settlement, SettleOutcome } from '../../broker.ts';
import { CellarError } from '../../errors.ts';
import type { Refusal } from '../plan-publish.ts';
import { NO_CLAIM } from './arrivals.ts';
import { parseReceipt } from './claim.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import { MESSAGE_COLUMNS } from './message-columns.ts';
import type { PlannedMessage, Publisher } from './publish.ts';
import type { QueueRegistry, QueueRow } from './queue-registry.ts';
import type { EmbeddedResults } from './results.ts';
import { MessageState } from './schema.ts';

export interface Settler {
  settle(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]>;
  extend(deliveries: readonly Delivery[], seconds: number): Promise<readonly boolean[]>;
}

export interface SettlerParts {
  readonly file: EmbeddedFile;
  readonly queues: QueueRegistry;
  readonly publisher: Publisher;
  readonly results: Pick<EmbeddedResults, 'put' | 'notify'>;
  readonly arrived: (queue: QueueRow) => void;
  readonly dueAt: (atMs: number) => void;
}

interface PlannedSettlement {
  readonly settlement: Settlement;
  readonly queue: QueueRow;
  readonly id: number;
  readonly claim: number;
  readonly children: readonly (PlannedMessage | Refusal)[];
}

/** Settlements in one transaction: more would hold the lock too long. */
const CHUNK = 128;

/** Ends deliveries; everything that can fail is decided before the first write, so no settlement needs undoing. */
export function openSettler(parts: SettlerParts): Settler {
  const { file, queues, publisher, results } = parts;
  const statements = prepare(file.database);
  const { clock } = file.runtime;

  function plan(settlement: Settlement): PlannedSettlement | SettleOutcome {
    const children = settlement.publish.length === 0 ? [] : publisher.plan(settlement.publish);
    const refused = children.find((child) => 'status' in child);
    if (refused !== undefined && 'reason' in refused)
      return { status: 'failed', reason: `a message to publish was refused: ${refused.reason}` };
    const queue = queues.get(settlement.delivery.queue);
    return { settlement, queue, children, ...parseReceipt(settlement.delivery.receipt) };
  }

  function settleOne(planned: PlannedSettlement | SettleOutcome): SettleOutcome {
    if ('status' in planned) return planned;
    const { settlement, children } = planned;
    if (!dispose(planned, settlement.disposition)) return { status: 'stale' };
    if (children.length > 0) publisher.insert(children);
    if (settlement.result !== undefined) results.put(settlement.result);
    return { status: 'settled' };
  }

  function dispose(planned: PlannedSettlement, disposition: Disposition): boolean {
    switch (disposition.kind) {
      case 'ack':
        return remove(planned);
      case 'dead':
        return bury(planned, disposition.reason);
      case 'release':
        return release(planned, disposition.delaySeconds);
    }
  }

  function remove({ id, claim, queue, settlement }: PlannedSettlement): boolean {
    if (statements.remove.run(id, claim).changes !== 1) return false;
    const group = settlement.delivery.messageGroup;
    if (group !== undefined && statements.unblock.run(queue.id, group).changes === 1) parts.arrived(queue);
    return true;
  }

  function bury(planned: PlannedSettlement, reason: string): boolean {
    const buried = statements.bury.run(reason, clock.now(), planned.id, planned.claim);
    return buried.changes === 1 && remove(planned);
  }

  function release({ id, claim, queue }: PlannedSettlement, delaySeconds: number): boolean {
    const now = clock.now();
    const visibleAt = now + Math.max(delaySeconds, 0) * 1000;
    const state = delaySeconds > 0 ? MessageState.resting : MessageState.ready;
    if (statements.release.run(state, visibleAt, id, claim).changes !== 1) return false;
    if (delaySeconds > 0) parts.dueAt(visibleAt);
    else parts.arrived(queue);
    return true;
  }

  function extendOne({ receipt }: Delivery, visibleAtMs: number): boolean {
    const { id, claim } = parseReceipt(receipt);
    return statements.extend.run(visibleAtMs, id, claim).changes === 1;
  }

  async function settleSome(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]> {
    const planned = settlements.map(plan);
    try {
      const outcomes = await file.write(() => planned.map(settleOne));
      for (const { result } of settlements) if (result !== undefined) results.notify(result);
      return outcomes;
    } catch (error) {
      if (!(error instanceof CellarError) || error.code !== 'broker-unavailable') throw error;
      return settlements.map(() => ({ status: 'failed', reason: error.message }));
    }
  }

  return {
    async settle(settlements) {
      const chunks: Promise<readonly SettleOutcome[]>[] = [];
      for (let from = 0; from < settlements.length; from += CHUNK)
        chunks.push(settleSome(settlements.slice(from, from + CHUNK)));
      return (await Promise.all(chunks)).flat();
    },
    extend: (deliveries, seconds) =>
      file.write(() => {
        const visibleAtMs = clock.now() + seconds * 1000;
        return deliveries.map((delivery) => extendOne(delivery, visibleAtMs));
      }),
  };
}

/** A receipt that ran out still holds until another delivery takes the message: then `claim` is another. */
function prepare(database: EmbeddedFile['database']) {
  const { ready, blocked, inFlight } = MessageState;
  return {
    remove: database.prepare('DELETE FROM cellar_messages WHERE id = ? AND claim = ?'),
    unblock: database.prepare(`
      UPDATE cellar_messages SET state = ${ready} WHERE state = ${blocked} AND id =
        (SELECT min(id) FROM cellar_messages WHERE queue = ? AND message_group = ?)`),
    bury: database.prepare(`
      INSERT INTO cellar_dead (queue, reason, died_at, deliveries, enqueued_at, ${MESSAGE_COLUMNS})
      SELECT queue, ?, ?, deliveries, enqueued_at, ${MESSAGE_COLUMNS} FROM cellar_messages WHERE id = ? AND claim = ?`),
    release: database.prepare(`
      UPDATE cellar_messages SET state = ?, visible_at = ?, claim = ${NO_CLAIM}, deliveries = deliveries - 1
      WHERE id = ? AND claim = ?`),
    extend: database.prepare(`
      UPDATE cellar_messages SET state = ${inFlight}, visible_at = ? WHERE id = ? AND claim = ?`),
  };
}
