/** An event source mapping on this machine: takes deliveries of one queue and calls its function with SQS events. */
import type { Broker, Delivery } from '../broker.ts';
import type { Cellar } from '../cellar.ts';
import { sleep } from '../clock.ts';
import { CellarError } from '../errors.ts';
import { describeError } from '../exception.ts';
import { toSqsRecord } from '../lambda/sqs-event.ts';
import type { SqsHandler } from '../lambda/sqs-handler.ts';
import { VisibilityKeeper } from '../worker/visibility.ts';

export interface EventSourceOptions {
  readonly queue: string;
  readonly handler: SqsHandler;
  /** Records in one event; AWS allows at most 10 for a FIFO queue. @default 10 */
  readonly batchSize?: number;
  /** Calls of the function side by side. @default 4 */
  readonly maxConcurrency?: number;
  /** What the function is told it has, in seconds. @default 60 */
  readonly timeoutSeconds?: number;
}

export interface RunningEventSource {
  /** Takes nothing more and waits for calls under way, `timeoutMs` at most. */
  stop(timeoutMs: number): Promise<void>;
}

const RECEIVE_WAIT_MS = 20_000;
const PAUSE_AFTER_FAULT_MS = 1_000;

/** Starts it: up to `maxConcurrency` calls at once, a message group's messages never side by side. */
export function startEventSource(cellar: Cellar, options: EventSourceOptions): RunningEventSource {
  const { queue, batchSize = 10, maxConcurrency = 4 } = options;
  const { broker } = cellar.backend;
  const stopping = new AbortController();
  const seconds = cellar.topology.queues[queue]?.visibilityTimeoutSeconds ?? 30;
  const keeper = new VisibilityKeeper(broker, seconds, cellar);
  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const deliveries = await broker.receive(queue, {
          maxMessages: batchSize,
          waitMs: RECEIVE_WAIT_MS,
          signal: stopping.signal,
        });
        for (const batch of batchesOf(deliveries)) await callWith(batch, { cellar, options, keeper });
      } catch (error) {
        if (error instanceof CellarError && error.code === 'closed') return;
        cellar.log.error(`event source: ${describeError(error)}`, { queue });
        await sleep(cellar.runtime.clock, PAUSE_AFTER_FAULT_MS, stopping.signal);
      }
    }
  };
  const polls = Promise.all(Array.from({ length: maxConcurrency }, poll));
  return {
    async stop(timeoutMs) {
      stopping.abort();
      const late = new AbortController();
      await Promise.race([polls, sleep(cellar.runtime.clock, timeoutMs, late.signal)]);
      late.abort();
      keeper.stop();
      await release(broker, keeper.deliveries());
    },
  };
}

/** One that was out before without an outcome (its process died) is called with alone. */
function batchesOf(deliveries: readonly Delivery[]): readonly (readonly Delivery[])[] {
  const suspects = deliveries.filter(({ deliveryCount }) => deliveryCount > 1);
  if (suspects.length === 0) return deliveries.length === 0 ? [] : [deliveries];
  const calm = deliveries.filter(({ deliveryCount }) => deliveryCount === 1);
  return [...(calm.length === 0 ? [] : [calm]), ...suspects.map((suspect) => [suspect])];
}

interface Call {
  readonly cellar: Cellar;
  readonly options: EventSourceOptions;
  readonly keeper: VisibilityKeeper;
}

async function callWith(batch: readonly Delivery[], { cellar, options, keeper }: Call): Promise<void> {
  const { clock } = cellar.runtime;
  const { broker } = cellar.backend;
  const endMs = clock.now() + (options.timeoutSeconds ?? 60) * 1000;
  for (const delivery of batch) keeper.add(delivery);
  try {
    const event = { Records: batch.map((delivery) => toSqsRecord(delivery)) };
    const { batchItemFailures } = await options.handler(event, { getRemainingTimeInMillis: () => endMs - clock.now() });
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    await release(
      broker,
      batch.filter(({ receipt }) => failed.has(receipt)),
    );
  } catch (error) {
    cellar.log.error(`function failed: ${describeError(error)}; its messages come again`, {
      queue: options.queue,
      count: batch.length,
    });
    await release(broker, batch);
  } finally {
    for (const delivery of batch) keeper.remove(delivery);
  }
}

/** Gives back what the function did not settle by itself; on what it did, this has no effect. */
async function release(broker: Broker, deliveries: readonly Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  await broker.settle(
    deliveries.map((delivery) => ({ delivery, publish: [], disposition: { kind: 'release', delaySeconds: 0 } })),
  );
}
