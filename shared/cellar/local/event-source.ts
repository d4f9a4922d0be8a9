/** An event source mapping on this machine: takes deliveries of one queue and calls its function with SQS events. */
import type { Delivery } from '../broker.ts';
import type { Cellar } from '../cellar.ts';
import { sleep } from '../clock.ts';
import { CellarError } from '../errors.ts';
import { describeError } from '../exception.ts';
import { type SqsBatchResponse, toSqsRecord } from '../lambda/sqs-event.ts';
import type { SqsHandler } from '../lambda/sqs-handler.ts';
import { VisibilityKeeper } from '../worker/visibility.ts';

export interface EventSourceOptions {
  readonly queue: string;
  readonly handler: SqsHandler;
  /** Records in one event; AWS allows at most 10 for a FIFO queue. @default 10 */
  readonly batchSize?: number;
  /** Calls of the function side by side. @default 4 */
  readonly maxConcurrency?: number;
  /** What a call may take, in seconds; given up after it. @default 60 */
  readonly timeoutSeconds?: number;
}

export interface RunningEventSource {
  /** Takes nothing more and waits for calls under way, `timeoutMs` at most. */
  stop(timeoutMs: number): Promise<void>;
}

const RECEIVE_WAIT_MS = 20_000;
const PAUSE_AFTER_FAULT_MS = 1_000;

/** Pause before messages come again that a call did not do, in seconds. */
const REPEAT_SECONDS = 1;
/** The same after a call that failed as a whole: its fault is seldom the messages' own, and must not become a hot loop. */
const REPEAT_AFTER_FAULT_SECONDS = 5;
const DEFAULT_TIMEOUT_SECONDS = 60;

/** Starts it: up to `maxConcurrency` calls at once, a message group's messages never side by side. */
export function startEventSource(cellar: Cellar, options: EventSourceOptions): RunningEventSource {
  const { queue, maxConcurrency = 4 } = options;
  const { broker } = cellar.backend;
  const stopping = new AbortController();
  const seconds = cellar.topology.queues[queue]?.visibilityTimeoutSeconds ?? 30;
  const keeper = new VisibilityKeeper(broker, seconds, cellar);
  const source: Source = { cellar, options, keeper, stopping: stopping.signal };
  const polls = Promise.all(Array.from({ length: maxConcurrency }, () => poll(source)));
  return {
    async stop(timeoutMs) {
      stopping.abort();
      const late = new AbortController();
      await Promise.race([polls, sleep(cellar.runtime.clock, timeoutMs, late.signal)]);
      late.abort();
      keeper.stop();
      await release(source, keeper.deliveries(), 0);
    },
  };
}

interface Source {
  readonly cellar: Cellar;
  readonly options: EventSourceOptions;
  readonly keeper: VisibilityKeeper;
  readonly stopping: AbortSignal;
}

async function poll(source: Source): Promise<void> {
  const { cellar, options, stopping } = source;
  const { queue, batchSize = 10 } = options;
  while (!stopping.aborted) {
    try {
      const asked = { maxMessages: batchSize, waitMs: RECEIVE_WAIT_MS, signal: stopping };
      await callEach(await cellar.backend.broker.receive(queue, asked), source);
    } catch (error) {
      if (error instanceof CellarError && error.code === 'closed') return;
      cellar.log.error(`event source: ${describeError(error)}`, { queue });
      await sleep(cellar.runtime.clock, PAUSE_AFTER_FAULT_MS, stopping);
    }
  }
}

/** Calls the function with one batch after the other; what a stop leaves is given back. */
async function callEach(deliveries: readonly Delivery[], source: Source): Promise<void> {
  const { keeper, stopping } = source;
  for (const delivery of deliveries) keeper.add(delivery);
  for (const batch of batchesOf(deliveries)) {
    if (stopping.aborted) await release(source, batch, 0);
    else await callWith(batch, source);
  }
}

/** One that was out before without an outcome (its process died) is called with alone. */
function batchesOf(deliveries: readonly Delivery[]): readonly (readonly Delivery[])[] {
  const suspects = deliveries.filter(({ deliveryCount }) => deliveryCount > 1);
  if (suspects.length === 0) return deliveries.length === 0 ? [] : [deliveries];
  const calm = deliveries.filter(({ deliveryCount }) => deliveryCount === 1);
  return [...(calm.length === 0 ? [] : [calm]), ...suspects.map((suspect) => [suspect])];
}

async function callWith(batch: readonly Delivery[], source: Source): Promise<void> {
  const { cellar, options, keeper } = source;
  try {
    const { batchItemFailures } = await call(batch, source);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const again = batch.filter(({ receipt }) => failed.has(receipt));
    await release(source, again, REPEAT_SECONDS);
  } catch (error) {
    const { queue } = options;
    cellar.log.error(`function failed: ${describeError(error)}; its messages come again`, {
      queue,
      count: batch.length,
    });
    await release(source, batch, REPEAT_AFTER_FAULT_SECONDS);
  } finally {
    for (const delivery of batch) keeper.remove(delivery);
  }
}

/** One call of the function, given up when its time is over: AWS would end the process there. */
async function call(batch: readonly Delivery[], { cellar, options }: Source): Promise<SqsBatchResponse> {
  const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, handler } = options;
  const { clock } = cellar.runtime;
  const endMs = clock.now() + timeoutSeconds * 1000;
  const done = new AbortController();
  const late = sleep(clock, timeoutSeconds * 1000, done.signal).then(() => {
    throw new CellarError('timeout', `no answer after ${timeoutSeconds} s`);
  });
  late.catch(() => undefined); // it ends so as well when the function was in time
  const event = { Records: batch.map((delivery) => toSqsRecord(delivery)) };
  try {
    return await Promise.race([handler(event, { getRemainingTimeInMillis: () => endMs - clock.now() }), late]);
  } finally {
    done.abort();
  }
}

/** Gives back what the function did not settle by itself; on what it did, this has no effect. */
async function release(
  { cellar, options, keeper }: Source,
  deliveries: readonly Delivery[],
  delaySeconds: number,
): Promise<void> {
  for (const delivery of deliveries) keeper.remove(delivery);
  if (deliveries.length === 0) return;
  try {
    await cellar.backend.broker.settle(
      deliveries.map((delivery) => ({ delivery, publish: [], disposition: { kind: 'release', delaySeconds } })),
    );
  } catch (error) {
    const { queue } = options;
    cellar.log.error(`not given back: ${describeError(error)}; the messages come again`, { queue });
  }
}
