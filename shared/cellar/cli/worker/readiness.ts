/** Whether a worker process does its work: its broker answers, and each of its queues is asked for messages. */
import type { Cellar } from '../../cellar.ts';
import { sleep } from '../../clock.ts';
import type { RunningNode } from '../../control/start-node.ts';
import { describeError } from '../../exception.ts';
import type { RunningWorker } from '../../worker/start-worker.ts';
import type { Readiness } from './health-server.ts';

export interface Watched {
  readonly cellar: Cellar;
  readonly node: Pick<RunningNode, 'name' | 'workers'>;
  readonly isStopping: () => boolean;
}

/** A broker that has not answered for so long counts as not there. */
const ANSWER_MS = 3_000;
/** An answer of the broker holds for so long, so that frequent probes cost it nothing. */
const FRESH_MS = 1_000;

/** Asks the broker itself: a connection may be gone without a word. */
export function readinessOf({ cellar, node, isStopping }: Watched): () => Promise<Readiness> {
  const { clock } = cellar.runtime;
  let lastMs = Number.NEGATIVE_INFINITY;
  let last: Promise<string | undefined> = Promise.resolve(undefined);
  const brokerFault = (): Promise<string | undefined> => {
    if (clock.now() - lastMs < FRESH_MS) return last;
    lastMs = clock.now();
    last = faultOf(cellar, node.workers);
    return last;
  };
  return async () => {
    const fault = await brokerFault();
    const queues = node.workers.map(queueState);
    const isTaking = queues.length > 0 && queues.every((queue) => queue.fault === undefined);
    return {
      ready: fault === undefined && isTaking && !isStopping(),
      node: node.name,
      broker: fault ?? 'connected',
      stopping: isStopping(),
      processes: [...new Set(node.workers.flatMap(({ pool }) => pool.processIds()))],
      queues,
    };
  };
}

async function faultOf({ admin, runtime }: Cellar, workers: readonly RunningWorker[]): Promise<string | undefined> {
  const done = new AbortController();
  const answered = admin.counts(workers.map(({ queue }) => queue)).then(
    () => undefined,
    (error: unknown) => describeError(error),
  );
  const late = sleep(runtime.clock, ANSWER_MS, done.signal).then(() => `no answer within ${ANSWER_MS} ms`);
  const fault = await Promise.race([answered, late]);
  done.abort();
  return fault;
}

function queueState({ queue, concurrency, heldCount, taking: { answeredAtMs, fault } }: RunningWorker) {
  return {
    queue,
    concurrency,
    held: heldCount,
    ...(answeredAtMs === undefined ? undefined : { lastAnswer: new Date(answeredAtMs).toISOString() }),
    ...(fault === undefined ? undefined : { fault }),
  };
}
