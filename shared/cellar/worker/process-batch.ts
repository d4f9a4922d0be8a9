/** One batch as Lambda gets it: order within a group kept, other groups not blocked, what was not done is named. */
import type { Delivery, Settlement, SettleOutcome } from '../broker.ts';
import { describeError } from '../exception.ts';
import { handlerLimitSeconds, taskIdOf, type WorkerEnvironment } from './execution.ts';
import { forgetChords } from './forget-chords.ts';
import { unclaimRuns } from './once.ts';
import { processDelivery } from './process.ts';
import { suspectsAmong } from './starts.ts';

export interface BatchOptions {
  readonly environment: WorkerEnvironment;
  readonly concurrency: number;
  readonly settle: (settlements: readonly Settlement[]) => Promise<readonly SettleOutcome[]>;
  /** As `Backend.acknowledgeNow`: called before what may end the process, so that it does not bring done ones again. */
  readonly acknowledgeNow?: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Time left for this batch; nothing is started that it cannot hold. @default without end */
  readonly remainingMs?: () => number;
}

/** What stays for settling after the last task, in ms. */
const SETTLE_MARGIN_MS = 500;
/** What a task without a limit is taken to need, in ms. */
const UNLIMITED_NEEDS_MS = 1_000;
/** The part of a whole call that is enough for a task whose limit is longer than that: otherwise it would never start. */
const ENOUGH = 0.5;

/**
 * Runs a batch; answers the deliveries that were not settled and must come again (`batchItemFailures`):
 * a failed one with all later ones of its group. One that had been out before without an outcome runs
 * last and alone, so that it cannot take others down with it.
 */
export async function processBatch(
  deliveries: readonly Delivery[],
  options: BatchOptions,
): Promise<readonly Delivery[]> {
  const { environment } = options;
  const wholeMs = options.remainingMs?.() ?? Number.POSITIVE_INFINITY;
  const revoked = await revokedAmong(deliveries, environment);
  if (revoked === undefined) {
    await giveBack(deliveries, 'unsettled', options);
    return deliveries;
  }
  const suspects = await suspectsAmong(deliveries, environment);
  const batch: Batch = { ...options, revoked, suspects, wholeMs, done: [], failures: [] };
  const lanes = lanesOf(deliveries);
  const isSuspect = (lane: readonly Delivery[]) => lane.some((delivery) => suspects.has(delivery));
  const calm = lanes.filter((lane) => !isSuspect(lane));
  const queue = calm.values();
  await Promise.all(
    Array.from({ length: Math.min(options.concurrency, calm.length) }, async () => {
      for (const lane of queue) await runLane(lane, batch);
    }),
  );
  for (const lane of lanes.filter(isSuspect)) await runLane(lane, batch);
  return batch.failures;
}

interface Batch extends BatchOptions {
  readonly revoked: ReadonlySet<string>;
  readonly suspects: ReadonlySet<Delivery>;
  readonly wholeMs: number;
  /** Done, and perhaps still on the queue. */
  readonly done: Delivery[];
  readonly failures: Delivery[];
}

async function runLane(lane: readonly Delivery[], batch: Batch): Promise<void> {
  for (const [index, delivery] of lane.entries()) {
    if (batch.suspects.has(delivery)) await takeOff(batch.done.splice(0), batch);
    const end = fits(delivery, batch) ? await runOne(delivery, batch) : 'not-started';
    if (end === 'done') {
      batch.done.push(delivery);
      continue;
    }
    const rest = lane.slice(index);
    batch.failures.push(...rest);
    await giveBack(rest, end, batch);
    return;
  }
}

/** Which are revoked; `undefined` where the store does not say, and nothing may run. */
async function revokedAmong(
  deliveries: readonly Delivery[],
  { results, log, queue }: WorkerEnvironment,
): Promise<ReadonlySet<string> | undefined> {
  try {
    return await results.revoked(deliveries.map(taskIdOf));
  } catch (error) {
    log.error(`cannot ask which tasks are revoked: ${describeError(error)}; the messages come again`, { queue });
    return undefined;
  }
}

/** Never rejects: what stays on the queue is done again only if this process ends. */
async function takeOff(
  done: readonly Delivery[],
  { acknowledgeNow, environment: { log, queue } }: BatchOptions,
): Promise<void> {
  if (acknowledgeNow === undefined || done.length === 0) return;
  try {
    await acknowledgeNow(done);
  } catch (error) {
    log.warn(`not taken off the queue before the function returns: ${describeError(error)}`, { queue });
  }
}

function lanesOf(deliveries: readonly Delivery[]): readonly (readonly Delivery[])[] {
  const lanes = Map.groupBy(deliveries, ({ messageGroup, receipt }) =>
    messageGroup === undefined ? `receipt:${receipt}` : `group:${messageGroup}`,
  );
  return [...lanes.values()];
}

function fits(delivery: Delivery, { environment, remainingMs, wholeMs }: Batch): boolean {
  if (remainingMs === undefined) return true;
  const limitSeconds = handlerLimitSeconds(delivery, environment);
  const needs = limitSeconds === null ? UNLIMITED_NEEDS_MS : limitSeconds * 1000;
  const all = needs + SETTLE_MARGIN_MS;
  return remainingMs() >= (all > wholeMs ? wholeMs * ENOUGH : all);
}

/** What became of one delivery: `done` when its message is off the queue, or another delivery's by now. */
type End = 'done' | 'not-started' | 'released' | 'unsettled';

/** Never rejects: the other lanes go on. */
async function runOne(delivery: Delivery, batch: Batch): Promise<End> {
  const { environment, revoked } = batch;
  const settlement = await processDelivery(delivery, environment, revoked);
  const outcome = await settled(settlement, batch);
  if (outcome.status === 'settled' && settlement.completes !== undefined)
    await forgetChords(settlement.completes, environment);
  if (outcome.status === 'settled') return settlement.disposition.kind === 'release' ? 'released' : 'done';
  const why = outcome.status === 'failed' ? outcome.reason : 'its visibility timeout had run out';
  const id = delivery.message.correlationId;
  environment.log.warn(`not settled: ${why}; the message comes again`, { queue: environment.queue, id });
  await unclaimRuns([delivery], environment);
  return outcome.status === 'stale' ? 'done' : 'unsettled';
}

/** Pause before messages come again whose settling failed, in seconds: that fault is seldom their own. */
const PAUSE_SECONDS = 5;

/**
 * Makes visible again what this call does not end, so that its group need not wait for its visibility timeout. One that
 * is released already stays as it is. Never rejects: what is not given back comes again after that timeout.
 */
async function giveBack(
  deliveries: readonly Delivery[],
  end: End,
  { settle, environment: { log, queue } }: BatchOptions,
): Promise<void> {
  const delaySeconds = end === 'unsettled' ? PAUSE_SECONDS : 0;
  try {
    await settle(
      deliveries.map((delivery) => ({ delivery, publish: [], disposition: { kind: 'release', delaySeconds } })),
    );
  } catch (error) {
    log.warn(`not given back: ${describeError(error)}; the messages come again`, { queue, count: deliveries.length });
  }
}

async function settled(settlement: Settlement, { settle }: BatchOptions): Promise<SettleOutcome> {
  try {
    const [outcome] = await settle([settlement]);
    return outcome ?? { status: 'failed', reason: 'the broker gave no answer' };
  } catch (error) {
    return { status: 'failed', reason: describeError(error) };
  }
}
