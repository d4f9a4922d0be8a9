/** Runs a handler in a child of a pool, which is killed where the run must not go on. */
import type { BoundHandler } from '../../worker.ts';
import { type Execution, limitsOf } from '../execution.ts';
import type { Outcome } from '../outcome.ts';
import type { PoolRun } from '../pool.ts';
import { outcomeOfThrow } from '../run-outcome.ts';
import { hardLimitExceeded } from '../time-limits.ts';
import { carryRun } from './carried-run.ts';
import type { PoolChild } from './pool-child.ts';
import { NOTHING_SENT } from './run-in-loop.ts';

interface ChildRun {
  readonly handler: BoundHandler;
  /** Told how to end it with another outcome than its own. */
  readonly onStart: (end: (outcome: Outcome) => void) => void;
}

/** Never rejects. The soft limit is the child's business, the hard one is not: its event loop may be blocked. */
export async function runInChild(
  child: PoolChild,
  execution: Execution,
  { handler, onStart }: ChildRun,
): Promise<PoolRun> {
  const { clock } = execution.environment.runtime;
  const { stopSignal } = execution.environment;
  const { hardSeconds, softSeconds } = limitsOf(execution, handler);
  let verdict: Outcome | undefined;
  const end = (outcome: Outcome): void => {
    verdict ??= outcome;
    child.kill();
  };
  const onLate = (seconds: number): void => end(outcomeOfThrow(execution, handler, hardLimitExceeded(seconds)));
  const cancel = hardSeconds === null ? undefined : clock.setTimer(hardSeconds * 1000, () => onLate(hardSeconds));
  const interrupt = (): void => child.interrupt();
  stopSignal.addEventListener('abort', interrupt, { once: true });
  onStart(end);
  try {
    const done = await child.run(carryRun(execution, softSeconds));
    if (done !== undefined && verdict === undefined) return done;
    return { outcome: verdict ?? { kind: 'lost', reason: await child.ended }, outbox: NOTHING_SENT };
  } catch (error) {
    return { outcome: { kind: 'failed', error }, outbox: NOTHING_SENT };
  } finally {
    stopSignal.removeEventListener('abort', interrupt);
    cancel?.();
  }
}
