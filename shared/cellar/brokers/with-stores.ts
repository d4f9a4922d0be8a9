import type { Backend } from '../backend.ts';
import type { Settlement } from '../broker.ts';
import { settleInOrder } from './settle-in-order.ts';

/** Stores that a broker's own give way to. */
export type Stores = Pick<Backend, 'results'> & Partial<Pick<Backend, 'schedules' | 'chords' | 'attempts'>>;

/**
 * A backend whose results are kept elsewhere than in its broker: what a settlement publishes, its result and its
 * acknowledgement are then three steps in that order, and no transaction. Closing the broker closes the stores that gave
 * way; the others are closed as `results`.
 */
export function withStores(backend: Backend, stores: Stores): Backend {
  const { broker, results: own } = backend;
  const { results } = stores;
  return {
    ...backend,
    ...stores,
    broker: {
      capabilities: { ...broker.capabilities, transactional: false },
      declare: (topology) => broker.declare(topology),
      publish: (messages) => broker.publish(messages),
      receive: (queue, options) => broker.receive(queue, options),
      extend: (deliveries, seconds) => broker.extend(deliveries, seconds),
      async settle(settlements) {
        if (settlements.every(isPlain)) return await broker.settle(settlements);
        return await settleInOrder(settlements, {
          publish: (messages) => broker.publish(messages),
          store: (update) => results.store([update]),
          finish: (left) => broker.settle(left.map(withoutRest)),
        });
      },
      async close() {
        await broker.close();
        await own.close();
      },
    },
  };
}

function isPlain({ publish, result }: Settlement): boolean {
  return publish.length === 0 && result === undefined;
}

function withoutRest({ delivery, disposition }: Settlement): Settlement {
  return { delivery, publish: [], disposition };
}
