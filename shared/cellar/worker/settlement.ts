/** Turns an outcome, or what is no task message at all, into the settlement of its delivery. */
import type { Delivery, Disposition, Settlement } from '../broker.ts';
import type { ChordToOpen } from '../chord-store.ts';
import { CellarError, type ErrorCode } from '../errors.ts';
import { describeError, encodeException, NamedException } from '../exception.ts';
import type { DecodeFault } from '../message.ts';
import { isReady } from '../result-precedence.ts';
import type { ResultUpdate } from '../result-store.ts';
import { type Ending, endings, type RunTrace } from './ending.ts';
import { type Execution, ignoresResult, savesOutbox, taskIdOf, type WorkerEnvironment } from './execution.ts';
import type { Outcome } from './outcome.ts';
import { type StateChange, updateOf } from './result-update.ts';

/** A settlement, and what there is to do before it. */
export interface Conclusion {
  readonly settlement: Settlement;
  /** States of steps that will never run, to be stored beside the settlement. */
  readonly abandoned: readonly ResultUpdate[];
  /** To be opened first: their parts are among what is published. */
  readonly chords: readonly ChordToOpen[];
  /** The ready state that it has ended in now. */
  readonly ended?: Pick<StateChange, 'state' | 'result' | 'traceback'>;
  /** The ready state that it had ended in before, where this run was not to be. */
  readonly endedBefore?: Pick<StateChange, 'state' | 'result'>;
  /** What is stored of it where it is a part of a chord, even if its results are ignored. */
  readonly update?: ResultUpdate;
}

const NOTHING: readonly never[] = [];

/** The settlement of a run. */
export function concludeExecution(execution: Execution, outcome: Outcome, trace: RunTrace): Conclusion {
  try {
    return conclusionOf(execution, endings[outcome.kind](execution, outcome as never, trace), trace);
  } catch (error) {
    if (outcome.kind === 'failed') throw error;
    // A result or message that cannot be encoded, carried or stored: the run failed after all.
    return conclusionOf(execution, endings.failed(execution, { kind: 'failed', error }, trace), trace);
  }
}

function conclusionOf(execution: Execution, ending: Ending, { workflow }: RunTrace): Conclusion {
  const { publish, disposition, change, chords = NOTHING, before } = ending;
  const { delivery } = execution;
  const bare: Settlement = { delivery, publish, disposition };
  if (change === undefined)
    return {
      settlement: bare,
      abandoned: NOTHING,
      chords,
      ...(before === undefined ? undefined : { endedBefore: before }),
    };
  const saved = publish.length > 0 && savesOutbox(execution) ? { outbox: publish } : {};
  const isIgnored = ignoresResult(execution);
  const isPart = execution.message.embed.chord !== null;
  const update = isIgnored && !isPart ? undefined : updateOf(execution, { ...change, ...saved });
  const hasFailed = change.state === 'FAILURE' || change.state === 'REVOKED';
  return {
    settlement: isIgnored || update === undefined ? bare : { ...bare, result: update },
    abandoned: hasFailed ? (workflow?.abandonedSteps(execution, change) ?? NOTHING) : NOTHING,
    chords,
    ...(isReady(change.state) ? { ended: change } : undefined),
    ...(update === undefined ? undefined : { update }),
  };
}

/** A body that was too large to travel and is gone: its message died of age, or somebody deleted it. */
export function payloadMissing({ bodyKey, message }: Delivery): DecodeFault {
  const { id, task } = message.headers;
  const [knownId, knownTask] = [id, task].map((value) => (typeof value === 'string' ? value : undefined));
  const reason = `the body of the message is not in the payload store, its key is ${bodyKey}`;
  return { ok: false, code: 'payload-missing', reason, id: knownId, task: knownTask };
}

/** The settlement of bytes that are no task message: dead-lettered, and FAILURE where it has an id. */
export function settleFault(delivery: Delivery, fault: DecodeFault, environment: WorkerEnvironment): Settlement {
  const reason = `${fault.code}: ${fault.reason}`;
  environment.log.error(`message refused: ${reason}`, { queue: delivery.queue, id: fault.id, task: fault.task });
  const result =
    fault.id === undefined
      ? {}
      : { result: bareFailure(delivery, new NamedException('DecodeError', reason), environment) };
  return { delivery, publish: NOTHING, disposition: dead(reason), ...result };
}

/** FAILURE of a message that could not be read, or not be dealt with. */
function bareFailure(delivery: Delivery, error: unknown, environment: WorkerEnvironment): ResultUpdate {
  const { task } = delivery.message.headers;
  const nowMs = environment.runtime.clock.now();
  return {
    id: taskIdOf(delivery),
    state: 'FAILURE',
    result: encodeException(error),
    attempt: { retries: 0, generation: 0 },
    task: typeof task === 'string' ? task : '',
    args: '[]',
    kwargs: '{}',
    queue: delivery.queue,
    worker: environment.workerName,
    receivedAtMs: nowMs,
    doneAtMs: nowMs,
  };
}

/** Faults that pass: the message comes again instead of dying. */
const PASSING = new Set<ErrorCode>(['broker-unavailable', 'store-unavailable', 'closed']);
const PAUSE_SECONDS = 5;

/** The settlement when a step outside the handler threw: given back when the fault passes, else dead-lettered. */
export function settleSurprise(delivery: Delivery, error: unknown, environment: WorkerEnvironment): Settlement {
  const text = `worker fault: ${describeError(error)}`;
  const id = taskIdOf(delivery);
  environment.log.error(text, { queue: delivery.queue, id });
  if (error instanceof CellarError && PASSING.has(error.code)) {
    return { delivery, publish: NOTHING, disposition: { kind: 'release', delaySeconds: PAUSE_SECONDS } };
  }
  const result = id === '' ? {} : { result: bareFailure(delivery, error, environment) };
  return { delivery, publish: NOTHING, disposition: dead(text), ...result };
}

function dead(reason: string): Disposition {
  return { kind: 'dead', reason: reason.slice(0, 1000) };
}
