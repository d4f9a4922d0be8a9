/** The broker in memory with the manners of SQS: every receive counts, and what a settlement does is not one step. */
import type { Backend } from '../../../shared/cellar/backend.ts';
import type { Delivery, Settlement, WireMessage } from '../../../shared/cellar/broker.ts';
import { type SettleSteps, settleInOrder } from '../../../shared/cellar/brokers/settle-in-order.ts';
import type { ResultStore } from '../../../shared/cellar/result-store.ts';

export interface LooseBackend {
  /** For `RigOptions.backend`. */
  readonly wrap: (memory: Backend) => Backend;
  /** Settling ends after this step, as if the process had died; once. */
  dieAfter: 'store' | 'publish' | undefined;
  /** Message id → starts without an outcome. */
  readonly starts: Map<string, number>;
  /** The message ids of each question for starts without an outcome. */
  readonly asked: (readonly string[])[];
  /** What comes again from now on does so sooner than if a process had died. @default false */
  isGivenBack: boolean;
  /** Bodies kept elsewhere. */
  readonly bodies: Map<string, string>;
  /** Keys of bodies that were asked for. */
  readonly loaded: string[];
}

export function looseBackend(parts: Partial<Backend> & { readonly maxUpdateBytes?: number } = {}): LooseBackend {
  const ids = new WeakMap<WireMessage, string>();
  const receives = new Map<string, number>();
  let messages = 0;
  const { maxUpdateBytes, ...own } = parts;

  function counted(delivery: Delivery): Delivery {
    const messageId = ids.get(delivery.message) ?? `m${++messages}`;
    ids.set(delivery.message, messageId);
    receives.set(messageId, (receives.get(messageId) ?? 0) + 1);
    const deliveryCount = receives.get(messageId) ?? 0;
    return { ...delivery, messageId, deliveryCount, wasGivenBack: loose.isGivenBack && deliveryCount > 1 };
  }

  const loose: LooseBackend = {
    dieAfter: undefined,
    starts: new Map(),
    asked: [],
    isGivenBack: false,
    bodies: new Map(),
    loaded: [],
    wrap(memory) {
      const { broker, results } = memory;
      const count = (id: string, change: number): number => {
        const starts = (loose.starts.get(id) ?? 0) + change;
        loose.starts.set(id, starts);
        return starts;
      };
      return {
        ...memory,
        broker: {
          capabilities: { ...broker.capabilities, transactional: false, deliveryCount: 'every-receive' },
          declare: (topology) => broker.declare(topology),
          publish: (outgoing) => broker.publish(outgoing),
          receive: async (queue, options) => (await broker.receive(queue, options)).map(counted),
          settle: (settlements) => settleInOrder(settlements, dying(stepsOf(memory), loose)),
          extend: (deliveries, seconds) => broker.extend(deliveries, seconds),
          close: () => broker.close(),
        },
        results: maxUpdateBytes === undefined ? results : limited(results, maxUpdateBytes),
        attempts: {
          begin: async (id) => count(id, 1),
          unfinished: async (ids) => {
            loose.asked.push(ids);
            return new Set(ids.filter((id) => (loose.starts.get(id) ?? 0) > 0));
          },
          ended: async (id) => void count(id, -1),
        },
        payloads: {
          put: () => Promise.reject(new Error('not foreseen')),
          async get(key) {
            loose.loaded.push(key);
            return loose.bodies.get(key);
          },
        },
        ...own,
      };
    },
  };
  return loose;
}

function stepsOf({ broker, results }: Backend): SettleSteps {
  return {
    publish: (messages) => broker.publish(messages),
    store: (update) => results.store([update]),
    finish: (settlements) => broker.settle(settlements.map(bare)),
  };
}

function bare({ delivery, disposition }: Settlement): Settlement {
  return { delivery, publish: [], disposition };
}

/** After the fatal step nothing happens any more, and the call never returns; the next process lives. */
function dying(steps: SettleSteps, loose: LooseBackend): SettleSteps {
  const fatal = loose.dieAfter;
  if (fatal === undefined) return steps;
  loose.dieAfter = undefined;
  const never = new Promise<never>(() => undefined);
  return {
    publish: fatal === 'store' ? () => never : steps.publish,
    store: steps.store,
    finish: () => never,
  };
}

/** A store whose items hold no more. */
function limited(results: ResultStore, maxUpdateBytes: number): ResultStore {
  return {
    expiresSeconds: results.expiresSeconds,
    maxUpdateBytes,
    get: (ids) => results.get(ids),
    async store(updates) {
      const tooLarge = updates.find((update) => Buffer.byteLength(JSON.stringify(update)) > maxUpdateBytes);
      if (tooLarge !== undefined) throw new Error(`the item of ${tooLarge.id} is too large`);
      await results.store(updates);
    },
    wait: (id, options) => results.wait(id, options),
    claim: (...claim) => results.claim(...claim),
    unclaim: (...unclaim) => results.unclaim(...unclaim),
    revoke: (ids) => results.revoke(ids),
    revoked: (ids) => results.revoked(ids),
    list: (options) => results.list(options),
    forget: (ids) => results.forget(ids),
    cleanup: () => results.cleanup(),
    close: () => results.close(),
  };
}
