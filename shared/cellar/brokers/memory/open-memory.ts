import type { Backend } from '../../backend.ts';
import type { BrokerCapabilities } from '../../broker.ts';
import type { Runtime } from '../../clock.ts';
import type { ScheduleStore } from '../../result-store.ts';
import { memoryAdmin } from './memory-admin.ts';
import { MemoryBroker } from './memory-broker.ts';
import { memoryChords } from './memory-chords.ts';
import { MemoryResults } from './memory-results.ts';

export interface MemoryOptions {
  readonly runtime: Runtime;
  /** How long results are kept. @default 86400 */
  readonly resultExpiresSeconds?: number;
  /** @default 300 */
  readonly deduplicationSeconds?: number;
  /** Largest body plus headers. @default 1048576 */
  readonly maxMessageBytes?: number;
}

/** Ten years, as the embedded broker has it. */
const MAX_DELAY_SECONDS = 10 * 366 * 86_400;

/** Opens a broker with its stores in the memory of this process, for tests and simulations: the embedded broker's rules, no file. */
export async function openMemory(options: MemoryOptions): Promise<Backend> {
  const { resultExpiresSeconds = 86_400, deduplicationSeconds = 300, maxMessageBytes = 1_048_576 } = options;
  const { clock } = options.runtime;
  const capabilities: BrokerCapabilities = {
    priority: 'none',
    deduplicationSeconds,
    deduplicationScope: 'queue',
    messageGroups: 'every-queue',
    severalOfGroup: false,
    orderedWithoutGroup: true,
    extend: true,
    orderKeptAfterRelease: true,
    deliveryCount: 'exact',
    maxDelaySeconds: MAX_DELAY_SECONDS,
    uncancellableDelaySeconds: 0,
    peekable: ['ready', 'inFlight', 'delayed', 'dead'],
    exactCounts: true,
    purgesAll: true,
    maxMessageBytes,
    transactional: true,
    durable: false,
    shared: false,
  };
  const results = new MemoryResults(clock, resultExpiresSeconds);
  const broker = new MemoryBroker({
    clock,
    capabilities,
    storeResult: (update) => results.put(update),
    onClose: () => void results.close(),
  });
  return {
    broker,
    admin: memoryAdmin(broker, clock),
    results,
    schedules: memorySchedules(),
    chords: memoryChords(clock),
  };
}

function memorySchedules(): ScheduleStore {
  const fired = new Map<string, number>();
  return {
    lastFired: async () => new Map(fired),
    async advance(name, expectedMs, firedMs) {
      if (fired.get(name) !== expectedMs) return false;
      fired.set(name, firedMs);
      return true;
    },
  };
}
