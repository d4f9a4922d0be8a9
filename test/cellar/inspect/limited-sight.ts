import { systemRuntime } from 'cellar';
import type { Backend } from '../../../shared/cellar/backend.ts';
import type { BrokerCapabilities, PeekedMessage } from '../../../shared/cellar/broker.ts';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { CellarError } from '../../../shared/cellar/errors.ts';

/** The memory broker as SQS would be: its counts are not exact, and only some places can be looked into. */
export async function openWithLimitedSight(peekable: readonly PeekedMessage['place'][]): Promise<Backend> {
  const memory = await openMemory({ runtime: systemRuntime, resultExpiresSeconds: 60 });
  const capabilities: BrokerCapabilities = { ...memory.broker.capabilities, exactCounts: false, peekable };
  const peek: Backend['admin']['peek'] = async (queue, options) => {
    if (!peekable.includes(options.place)) throw new CellarError('not-supported', `no look at ${options.place}`);
    return memory.admin.peek(queue, options);
  };
  return { ...memory, broker: withOwn(memory.broker, { capabilities }), admin: withOwn(memory.admin, { peek }) };
}

/** The same object but for some members; its methods keep their `this`. */
function withOwn<T extends object>(original: T, own: Partial<T>): T {
  return new Proxy(original, {
    get(target, name) {
      const value: unknown = Reflect.get(name in own ? own : target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
