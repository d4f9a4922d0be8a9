import type { Backend } from '../../backend.ts';
import type { BrokerCapabilities } from '../../broker.ts';
import type { Runtime } from '../../clock.ts';
import { openAdmin } from './admin.ts';
import { openArrivals } from './arrivals.ts';
import { embeddedBroker } from './broker.ts';
import { openChords } from './chords.ts';
import { openClaimer } from './claim.ts';
import { openDeduplication } from './deduplication.ts';
import { openDueMessages } from './due.ts';
import { openEmbeddedFile } from './embedded-file.ts';
import { openEnvelopes } from './envelopes.ts';
import { openOwners } from './owners.ts';
import { openPublisher } from './publish.ts';
import { openQueueRegistry, type QueueRow } from './queue-registry.ts';
import { openReceivers } from './receivers.ts';
import { openResults } from './results.ts';
import { openSchedules } from './schedules.ts';
import { openSettler } from './settle.ts';
import { openTransactions } from './transaction.ts';
import { openWatch } from './watch.ts';

export interface EmbeddedOptions {
  /** The SQLite file; made when it is not there. Two more beside it (`-wal`, `-shm`) belong to SQLite. */
  readonly path: string;
  readonly runtime: Runtime;
  /** What an accepted message survives: the death of the process, or a power cut as well (one fsync for each commit). */
  readonly durability: 'process' | 'power';
  /** How long results are kept. */
  readonly resultExpiresSeconds: number;
  /** @default 300 */
  readonly deduplicationSeconds?: number;
  /** Largest body plus headers. @default 1048576 */
  readonly maxMessageBytes?: number;
}

/** Ten years: only a due time by mistake is later. */
const MAX_DELAY_SECONDS = 10 * 366 * 86_400;

/**
 * Opens the embedded broker with its result and schedule store: one SQLite file that several processes may share.
 *
 * Closing the broker closes all of it. A message that waits for its time counts as accepted when that time has come.
 * @throws CellarError `bad-settings` when another version of Cellar made the file, `broker-unavailable` when it cannot be opened
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Backend> {
  const { deduplicationSeconds = 300, maxMessageBytes = 1_048_576 } = options;
  const capabilities = capabilitiesOf(deduplicationSeconds, maxMessageBytes);
  const file = await openEmbeddedFile(options);
  const queues = openQueueRegistry(file);
  const envelopes = openEnvelopes(file);
  const arrivals = openArrivals(file, envelopes);
  const deduplication = openDeduplication(file, deduplicationSeconds);
  const owners = openOwners(file);
  const due = openDueMessages(file, queues);
  const claimer = openClaimer(file, envelopes, owners);
  // Who waits is told of arrivals, and who watches of waits: the two need each other, so these look them up late.
  const waiting = (): void => watch.start();
  const dueAt = (atMs: number): void => watch.expectAt(atMs);
  const arrived = (queue: QueueRow): void => receivers.arrived(queue);
  const receivers = openReceivers({ file, claimer, due, waiting });
  const results = openResults(file, options.resultExpiresSeconds, waiting);
  const publisher = openPublisher({ file, queues, envelopes, arrivals, deduplication, capabilities, arrived, dueAt });
  const settler = openSettler({ file, queues, publisher, results, arrived, dueAt });
  const watch = openWatch({
    file,
    isAnyoneWaiting: () => receivers.isWaiting() || results.isWaiting(),
    nextDueAtMs: due.nextAtMs,
    lookAgain() {
      receivers.lookAgain();
      results.lookAgain();
    },
    checkOwners,
  });
  /** What a dead process held is ready again: those who wait here look again. */
  function checkOwners(): void {
    if (!owners.anyDead()) return;
    file.write(owners.returnOfDead).then(receivers.lookAgain, () => undefined);
  }
  const close = async (): Promise<void> => {
    receivers.close();
    watch.close();
    await results.store.close();
    await file.close(owners.leave);
  };
  await file.write(owners.returnOfDead);
  return {
    broker: embeddedBroker({ capabilities, file, queues, publisher, receivers, settler, close }),
    admin: openAdmin({ file, queues, envelopes, arrivals, due, arrived }),
    results: results.store,
    schedules: openSchedules(file),
    chords: openChords(file),
    transaction: openTransactions(file, publisher),
  };
}

function capabilitiesOf(deduplicationSeconds: number, maxMessageBytes: number): BrokerCapabilities {
  return {
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
    durable: true,
    shared: true,
  };
}
