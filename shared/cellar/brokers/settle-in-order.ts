/**
 * How a broker without transactions settles: in an order in which a crash between two steps loses nothing, because the
 * message is acknowledged last and comes again until then.
 */
import type { OutgoingMessage, PublishOutcome, Settlement, SettleOutcome } from '../broker.ts';
import { describeError } from '../exception.ts';
import type { ResultUpdate } from '../result-store.ts';

export interface SettleSteps {
  /** Publishes messages of several settlements in one call; as `Broker.publish`. */
  publish(messages: readonly OutgoingMessage[]): Promise<readonly PublishOutcome[]>;
  /** Stores the result of one settlement; called side by side. */
  store(update: ResultUpdate): Promise<void>;
  /** Acknowledges, dead-letters or releases: what a settlement says beside that is done. Outcomes in the order given. */
  finish(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]>;
}

interface Progress {
  readonly settlement: Settlement;
  /** Why it went no further; its message comes again. */
  failure?: string;
}

/**
 * Publishes, stores the result, finishes; a settlement whose result has an outbox (a task marked `once`) stores it
 * before it publishes, so that nothing is published that a replay would not find saved.
 *
 * Outcomes are in the order of the settlements; one that failed does not keep the others from taking effect.
 */
export async function settleInOrder(
  settlements: readonly Settlement[],
  steps: SettleSteps,
): Promise<readonly SettleOutcome[]> {
  const all: readonly Progress[] = settlements.map((settlement) => ({ settlement }));
  const isSavedFirst = ({ settlement }: Progress) => settlement.result?.outbox !== undefined;
  await storeResults(all.filter(isSavedFirst), steps);
  await publishAll(all.filter(goesOn), steps);
  await storeResults(
    all.filter((one) => goesOn(one) && !isSavedFirst(one)),
    steps,
  );
  return await finishAll(all, steps);
}

function goesOn({ failure }: Progress): boolean {
  return failure === undefined;
}

/** Each by itself: a store that refuses one result must not keep the others of the call from being settled. */
async function storeResults(some: readonly Progress[], { store }: SettleSteps): Promise<void> {
  await Promise.all(
    some.map(async (one) => {
      const { result } = one.settlement;
      if (result === undefined) return;
      try {
        await store(result);
      } catch (error) {
        one.failure = `its result was not stored: ${describeError(error)}`;
      }
    }),
  );
}

async function publishAll(some: readonly Progress[], { publish }: SettleSteps): Promise<void> {
  const messages = some.flatMap(({ settlement }) => settlement.publish);
  if (messages.length === 0) return;
  let outcomes: readonly PublishOutcome[];
  try {
    outcomes = await publish(messages);
  } catch (error) {
    outcomes = messages.map(() => ({ status: 'refused', code: 'broker-unavailable', reason: describeError(error) }));
  }
  let next = 0;
  for (const one of some) {
    const own = outcomes.slice(next, next + one.settlement.publish.length);
    next += one.settlement.publish.length;
    const refused = own.find(({ status }) => status === 'refused');
    if (refused !== undefined && 'reason' in refused)
      one.failure = `a message to publish was refused: ${refused.reason}`;
  }
}

async function finishAll(all: readonly Progress[], { finish }: SettleSteps): Promise<readonly SettleOutcome[]> {
  const left = all.filter(goesOn);
  const finished = left.length === 0 ? [] : await finish(left.map(({ settlement }) => settlement));
  let next = 0;
  return all.map(({ failure }) => {
    if (failure !== undefined) return { status: 'failed', reason: failure };
    return finished[next++] ?? { status: 'failed', reason: 'the broker gave no answer' };
  });
}
