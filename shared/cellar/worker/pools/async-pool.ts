/** Runs handlers in the worker's own event loop: the least cost for work that waits. */
import { messageOf, NamedException } from '../../exception.ts';
import type { BoundHandler } from '../../worker.ts';
import { type Execution, limitsOf } from '../execution.ts';
import type { Outbox } from '../outbox.ts';
import type { PoolRun, TaskPool } from '../pool.ts';
import { outcomeOfReturn, outcomeOfThrow } from '../run-outcome.ts';
import { openContext, RunControl } from '../task-context.ts';
import { withTimeLimits } from '../time-limits.ts';

const NOTHING_SENT: Outbox = { messages: [], childIds: [] };

/** A task that is terminated has its signal fired and is settled at once; code that does not look at the signal runs on, without effect. */
export function asyncPool(): TaskPool {
  const running = new Map<string, (reason: Error) => void>();
  return {
    name: 'async',
    run: (execution, handler, args) => run(running, execution, handler, args),
    terminate(taskId) {
      const end = running.get(taskId);
      end?.(new NamedException('Terminated', 'the task was revoked while it ran'));
      return end !== undefined;
    },
    processIds: () => [],
    async close() {},
  };
}

async function run(
  running: Map<string, (reason: Error) => void>,
  execution: Execution,
  handler: BoundHandler,
  args: object,
): Promise<PoolRun> {
  const control = new RunControl(execution);
  const { promise: terminated, reject: terminate } = Promise.withResolvers<never>();
  running.set(execution.id, terminate);
  try {
    const context = openContext(execution, control);
    const value = await Promise.race([
      terminated,
      withTimeLimits(() => handler.run(context, args), limitsOf(execution, handler), {
        clock: execution.environment.runtime.clock,
        onSoft: (reason) => control.abort(reason),
      }),
    ]);
    return { outcome: outcomeOfReturn(execution, handler, value), outbox: control.outbox };
  } catch (error) {
    control.abort(error instanceof Error ? error : new Error(messageOf(error)));
    return { outcome: outcomeOfThrow(execution, handler, error), outbox: NOTHING_SENT };
  } finally {
    running.delete(execution.id);
    control.end();
  }
}
