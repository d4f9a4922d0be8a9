/** Tells monitors of each task that is sent: Celery's `task-sent` (celery/app/amqp.py), on a setting of the sender. */
import type { Backend } from '../backend.ts';
import type { Broker, OutgoingMessage } from '../broker.ts';
import type { Runtime } from '../clock.ts';
import { EventDispatcher } from './event-dispatcher.ts';
import { LamportClock } from './lamport-clock.ts';

export interface Sender {
  readonly runtime: Runtime;
  /** `gen<pid>@<host>` */
  readonly name: string;
  readonly pid: number;
}

/** The backend itself where it carries no events. */
export function withSentEvents(backend: Backend, { runtime, name, pid }: Sender): Backend {
  const { control: bus, broker } = backend;
  if (bus === undefined) return backend;
  const events = new EventDispatcher({ bus, nodeName: name, pid, clock: runtime.clock, lamport: new LamportClock() });
  const tell = (message: OutgoingMessage): void => {
    const fields = sentFields(message);
    if (fields !== undefined) events.send('task-sent', fields);
  };
  return { ...backend, broker: telling(broker, tell) };
}

function telling(broker: Broker, tell: (message: OutgoingMessage) => void): Broker {
  return {
    capabilities: broker.capabilities,
    declare: (topology) => broker.declare(topology),
    async publish(messages) {
      const outcomes = await broker.publish(messages);
      for (const [index, message] of messages.entries()) if (outcomes[index]?.status === 'accepted') tell(message);
      return outcomes;
    },
    receive: (queue, options) => broker.receive(queue, options),
    async settle(settlements) {
      const outcomes = await broker.settle(settlements);
      for (const [index, { publish }] of settlements.entries())
        if (outcomes[index]?.status === 'settled') publish.forEach(tell);
      return outcomes;
    },
    extend: (deliveries, seconds) => broker.extend(deliveries, seconds),
    close: () => broker.close(),
  };
}

function sentFields({ headers, correlationId, exchange, routingKey }: OutgoingMessage): object | undefined {
  if (typeof headers.task !== 'string') return undefined;
  return {
    uuid: correlationId,
    root_id: headers.root_id ?? correlationId,
    parent_id: headers.parent_id ?? null,
    name: headers.task,
    args: headers.argsrepr ?? '',
    kwargs: headers.kwargsrepr ?? '',
    retries: headers.retries ?? 0,
    eta: headers.eta ?? null,
    expires: headers.expires ?? null,
    queue: exchange === '' ? routingKey : null,
    exchange,
    routing_key: routingKey,
  };
}
