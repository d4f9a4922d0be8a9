/** Runs a handler in the event loop of the thread that calls. */
import { messageOf } from '../../exception.ts';
import type { BoundHandler } from '../../worker.ts';
import type { Execution } from '../execution.ts';
import type { Outbox } from '../outbox.ts';
import type { PoolRun } from '../pool.ts';
import { outcomeOfReturn, outcomeOfThrow } from '../run-outcome.ts';
import { openContext, type RunControl } from '../task-context.ts';
import { type TimeLimits, withTimeLimits } from '../time-limits.ts';

export const NOTHING_SENT: Outbox = { messages: [], childIds: [] };

interface LoopRun {
  readonly args: object;
  readonly control: RunControl;
  readonly limits: TimeLimits;
}

/** Never rejects: what the handler throws is an outcome. A run that fails sends nothing. */
export async function runInLoop(
  execution: Execution,
  handler: BoundHandler,
  { args, control, limits }: LoopRun,
): Promise<PoolRun> {
  try {
    const context = openContext(execution, control);
    const value = await withTimeLimits(() => handler.run(context, args), limits, {
      clock: execution.environment.runtime.clock,
      onSoft: (reason) => control.abort(reason),
    });
    return { outcome: outcomeOfReturn(execution, handler, value), outbox: control.outbox };
  } catch (error) {
    control.abort(error instanceof Error ? error : new Error(messageOf(error)));
    return { outcome: outcomeOfThrow(execution, handler, error), outbox: NOTHING_SENT };
  } finally {
    control.end();
  }
}
