/** At its start a node learns from the others what was revoked before, and where their clocks stand (celery/worker/consumer/mingle.py). */
import type { Client } from '../client.ts';
import type { ControlBus } from '../control-bus.ts';
import { describeError } from '../exception.ts';
import { askBus } from './ask-bus.ts';
import type { WorkerNode } from './worker-node.ts';

const TIMEOUT_MS = 1_000;

/** Never rejects: without answers the node starts all the same. */
export async function mingle(bus: ControlBus, node: WorkerNode, { runtime, log }: Client): Promise<void> {
  const question = {
    method: 'hello',
    args: { from_node: node.name, revoked: {} },
    timeoutMs: TIMEOUT_MS,
    clock: node.lamport.forward(),
  };
  try {
    const answers = await askBus(bus, question, runtime);
    answers.forEach((answer, name) => {
      if (name !== node.name) learn(node, answer);
    });
    log.debug('mingled with other nodes', { count: answers.size });
  } catch (error) {
    log.warn(`cannot ask other nodes what was revoked: ${describeError(error)}`);
  }
}

function learn(node: WorkerNode, answer: unknown): void {
  if (typeof answer !== 'object' || answer === null) return;
  const { clock, revoked } = answer as { readonly clock?: unknown; readonly revoked?: unknown };
  node.lamport.adjust(clock);
  if (typeof revoked === 'object' && revoked !== null) node.revoked.add(Object.keys(revoked));
}
