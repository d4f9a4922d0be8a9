/** One run as its child needs it. */
import type { Execution, WorkerEnvironment } from '../execution.ts';
import type { CarriedRun } from './child-protocol.ts';

export function carryRun(execution: Execution, softSeconds: number | null): CarriedRun {
  const { delivery, message, id, retries, generation, starts, receivedAtMs, environment } = execution;
  const { message: _read, ...rest } = delivery;
  const { workerName } = environment;
  return { delivery: rest, message, id, retries, generation, starts, receivedAtMs, workerName, softSeconds };
}

/** The wire form of its message is gone: nothing that runs a handler reads it. */
export function executionOfCarried(run: CarriedRun, environment: WorkerEnvironment): Execution {
  const { delivery, message, id, retries, generation, starts, receivedAtMs, workerName } = run;
  const { headers } = message;
  const wire = { headers, contentType: 'application/json', contentEncoding: 'utf-8', body: '', correlationId: id };
  return {
    delivery: { ...delivery, message: wire },
    message,
    id,
    retries,
    generation,
    starts,
    receivedAtMs,
    environment: { ...environment, workerName },
  };
}
