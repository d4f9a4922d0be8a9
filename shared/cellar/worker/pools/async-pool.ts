/** Runs handlers in the worker's own event loop: the least cost for work that waits. */
import { NamedException } from '../../exception.ts';
import type { BoundHandler } from '../../worker.ts';
import { type Execution, limitsOf } from '../execution.ts';
import type { PoolRun, TaskPool } from '../pool.ts';
import { RunControl } from '../task-context.ts';
import { NOTHING_SENT, runInLoop } from './run-in-loop.ts';

/** A task that is terminated has its signal fired and is settled at once; code that does not look at the signal runs on, without effect. */
export function asyncPool(): TaskPool {
  const running = new Map<string, () => void>();
  return {
    name: 'async',
    run: (execution, handler, args) => run(running, execution, { handler, args }),
    terminate(taskId) {
      const end = running.get(taskId);
      end?.();
      return end !== undefined;
    },
    processIds: () => [],
    async close() {},
  };
}

function run(
  running: Map<string, () => void>,
  execution: Execution,
  { handler, args }: { readonly handler: BoundHandler; readonly args: object },
): Promise<PoolRun> {
  const control = new RunControl(execution);
  return new Promise((resolve) => {
    running.set(execution.id, () => {
      control.abort(new NamedException('Terminated', 'the task was revoked while it ran'));
      control.end();
      resolve({ outcome: { kind: 'revoked' }, outbox: NOTHING_SENT });
    });
    void runInLoop(execution, handler, { args, control, limits: limitsOf(execution, handler) }).then((done) => {
      running.delete(execution.id);
      resolve(done);
    });
  });
}
