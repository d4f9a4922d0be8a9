/** A bus in memory: all nodes and askers of one test. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ControlBus, ControlMessage } from '../../../shared/cellar/control-bus.ts';

export interface SentEvent extends ControlMessage {
  readonly routingKey: string;
}

export interface FakeBus extends ControlBus {
  /** Everything that was sent, in order. */
  readonly events: SentEvent[];
  readonly replies: (ControlMessage & { readonly exchange: string; readonly routingKey: string })[];
  /** Names of the nodes that serve. */
  nodes(): readonly string[];
}

/** Long enough for a command that stores something. */
const TURNS = 20;

export function fakeBus(): FakeBus {
  const events: SentEvent[] = [];
  const replies: FakeBus['replies'] = [];
  const nodes = new Map<string, (request: ControlMessage) => void>();
  const listeners = new Set<(event: ControlMessage) => void>();
  const deliver = async (request: ControlMessage) => {
    for (const handle of nodes.values()) handle(request);
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
  };
  return {
    events,
    replies,
    nodes: () => [...nodes.keys()],
    event(routingKey, message) {
      events.push({ routingKey, ...message });
      for (const listener of listeners) listener(message);
    },
    async listen(handle) {
      listeners.add(handle);
      return async () => void listeners.delete(handle);
    },
    async serve(name, handle) {
      nodes.set(name, handle);
      return async () => void nodes.delete(name);
    },
    reply: (target, message) => void replies.push({ ...target, ...message }),
    tell: deliver,
    async ask(compose, { ticket, limit = Number.POSITIVE_INFINITY }) {
      await deliver(compose({ exchange: 'reply.celery.pidbox', routingKey: 'oid-1' }));
      return replies.filter(({ headers }) => headers.ticket === ticket).slice(0, limit);
    },
  };
}
