import type { BrokerAdmin, PeekedMessage, QueueCounts } from '../../broker.ts';
import type { Clock } from '../../clock.ts';
import type { Entry } from './entry.ts';
import type { MemoryBroker } from './memory-broker.ts';
import type { MemoryQueue } from './memory-queue.ts';

/** What people and tools do to the queues in memory. */
export function memoryAdmin(broker: MemoryBroker, clock: Clock): BrokerAdmin {
  /** The queue as it is by now. */
  function current(name: string): MemoryQueue {
    broker.refuseWhenClosed();
    const queue = broker.queue(name);
    queue.moveDue(clock.now());
    return queue;
  }

  return {
    async counts(names) {
      broker.refuseWhenClosed();
      return (names ?? [...broker.queues.keys()]).map((name) => countsOf(current(name)));
    },
    async peek(name, { place, limit }) {
      return peeked(current(name), place).slice(0, limit);
    },
    async purge(name) {
      return current(name).purge();
    },
    async redrive(name, { limit = Number.POSITIVE_INFINITY } = {}) {
      const queue = current(name);
      const sent = queue.redrive(limit, clock.now());
      broker.receivers.changed(queue);
      return sent;
    },
    async cancelDelayed(taskId) {
      for (const name of broker.queues.keys()) {
        const entry = current(name).cancelDelayed(taskId);
        if (entry !== undefined) return { ...shown(name, 'delayed', entry), dueAtMs: entry.untilMs };
      }
      return undefined;
    },
  };
}

function countsOf(queue: MemoryQueue): QueueCounts {
  const { ready, blocked, inFlight, delayed } = queue.sizes;
  const oldest = peeked(queue, 'ready')[0];
  return {
    queue: queue.name,
    ready: ready + blocked,
    inFlight,
    delayed,
    dead: queue.dead.size,
    ...(oldest === undefined ? {} : { oldestReadyAtMs: oldest.enqueuedAtMs }),
  };
}

function shown(queue: string, place: PeekedMessage['place'], entry: Entry): PeekedMessage {
  return {
    queue,
    place,
    message: entry.message,
    ...(entry.messageGroup === undefined ? {} : { messageGroup: entry.messageGroup }),
    deliveryCount: entry.deliveries,
    enqueuedAtMs: entry.enqueuedAtMs,
  };
}

function peeked(queue: MemoryQueue, place: PeekedMessage['place']): readonly PeekedMessage[] {
  const base = (entry: Entry): PeekedMessage => shown(queue.name, place, entry);
  if (place === 'dead')
    return [...queue.dead].map(({ entry, reason, diedAtMs }) => ({ ...base(entry), reason, diedAtMs }));
  const found = [...queue.entries].filter((entry) => isIn(entry, place));
  if (place !== 'delayed') return found.map(base);
  return found
    .sort((left, right) => left.untilMs - right.untilMs)
    .map((entry) => ({ ...base(entry), dueAtMs: entry.untilMs }));
}

/** A message behind the head of its group is ready as far as anybody outside can see. */
function isIn(entry: Entry, place: PeekedMessage['place']): boolean {
  return entry.place === place || (place === 'ready' && entry.place === 'blocked');
}
