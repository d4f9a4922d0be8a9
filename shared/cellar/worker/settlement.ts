/** Turns an outcome into what happens to its message: what is published, stored, acknowledged. */
import type { Delivery, Disposition, OutgoingMessage, Settlement } from '../broker.ts';
import { encodeJson, isoDate } from '../celery/tagged-json.ts';
import { fromWireSignature } from '../celery/wire-signature.ts';
import { CellarError, type ErrorCode } from '../errors.ts';
import { describeError, encodeException, NamedException, tracebackOf } from '../exception.ts';
import { type DecodeFault, encodeMessage, type TaskMessage, type WireSignature } from '../message.ts';
import { attemptKey } from '../outgoing.ts';
import type { ResultUpdate } from '../result-store.ts';
import { type Execution, ignoresResult, type WorkerEnvironment } from './execution.ts';
import { childMessage, type Outbox } from './outbox.ts';
import type { Outcome } from './outcome.ts';
import { updateOf } from './result-update.ts';

/** What a run leaves beside its outcome. */
export interface RunTrace {
  readonly outbox: Outbox;
  /** Absent where the handler was not called. */
  readonly startedAtMs?: number;
}

const ACK: Disposition = { kind: 'ack' };
const NOTHING: readonly OutgoingMessage[] = [];

/** The settlement of a run. */
export function settleExecution(execution: Execution, outcome: Outcome, trace: RunTrace): Settlement {
  try {
    return settlers[outcome.kind](execution, outcome as never, trace);
  } catch (error) {
    // A result or child that cannot be encoded: the run failed after all.
    if (outcome.kind === 'failed') throw error;
    return settlers.failed(execution, { kind: 'failed', error }, { ...trace, outbox: { messages: [], childIds: [] } });
  }
}

type Settler<Kind extends Outcome['kind']> = (
  execution: Execution,
  outcome: Extract<Outcome, { kind: Kind }>,
  trace: RunTrace,
) => Settlement;

const settlers: { readonly [Kind in Outcome['kind']]: Settler<Kind> } = {
  succeeded: settleSuccess,
  retry: settleRetry,
  failed: (execution, { error }, trace) =>
    settleFailure(execution, error, { trace, reason: `failed: ${describeError(error)}` }),
  rejected: (execution, { reason }, trace) =>
    settleFailure(execution, new NamedException('Reject', reason), { trace, reason: `rejected: ${reason}` }),
  ignored: ({ delivery }, _outcome, { outbox }) => ({ delivery, publish: outbox.messages, disposition: ACK }),
  revoked: (execution) => settleRevoked(execution, 'revoked'),
  expired: (execution) => settleRevoked(execution, 'expired'),
  early: settleEarly,
  'done-before': ({ delivery }) => ({ delivery, publish: NOTHING, disposition: ACK }),
  'running-elsewhere': ({ delivery, environment }, { untilMs }) => {
    const leftSeconds = Math.max(1, Math.ceil((untilMs - environment.runtime.clock.now()) / 1000));
    return { delivery, publish: NOTHING, disposition: { kind: 'release', delaySeconds: Math.min(leftSeconds, 30) } };
  },
};

function settleSuccess(
  execution: Execution,
  { value }: { readonly value: unknown },
  { outbox, startedAtMs }: RunTrace,
): Settlement {
  const { delivery, environment, message } = execution;
  const result = encodeJson(value);
  const next =
    message.embed.callbacks === null && message.embed.chain === null ? NOTHING : continuations(execution, value);
  const children = [...outbox.childIds, ...next.map(({ correlationId }) => correlationId)];
  return {
    delivery,
    publish: next.length === 0 ? outbox.messages : [...outbox.messages, ...next],
    disposition: ACK,
    ...stored(execution, {
      state: 'SUCCESS',
      result,
      doneAtMs: environment.runtime.clock.now(),
      ...(children.length === 0 ? undefined : { children }),
      ...(startedAtMs === undefined ? undefined : { startedAtMs }),
    }),
  };
}

/** The callbacks, then the next step of the chain, each with the result as its first argument. */
function continuations(execution: Execution, value: unknown): readonly OutgoingMessage[] {
  const { callbacks, chain } = execution.message.embed;
  const send = (wire: WireSignature, step: string, rest?: readonly WireSignature[]): OutgoingMessage =>
    childMessage(execution, fromWireSignature(wire, [value ?? null], execution.environment.queueOf), {
      step,
      chain: rest,
    });
  const messages = (callbacks ?? []).map((wire, index) => send(wire, `callback:${index}`));
  const next = chain?.at(-1);
  if (next !== undefined) messages.push(send(next, 'chain', chain?.slice(0, -1)));
  return messages;
}

function settleRetry(
  execution: Execution,
  { error, delaySeconds }: { readonly error: unknown; readonly delaySeconds: number },
  { startedAtMs }: RunTrace,
): Settlement {
  const { delivery, message, id, retries, environment } = execution;
  const nowMs = environment.runtime.clock.now();
  const dueAtMs = delaySeconds > 0 ? Math.ceil(nowMs + delaySeconds * 1000) : undefined;
  const headers = {
    ...message.headers,
    retries: retries + 1,
    parent_id: id,
    eta: dueAtMs === undefined ? null : isoDate(new Date(dueAtMs)),
  };
  return {
    delivery,
    publish: [sameQueue(execution, { ...message, headers }, { dueAtMs, retries: retries + 1 })],
    disposition: ACK,
    ...stored(execution, {
      state: 'RETRY',
      result: encodeException(error),
      traceback: tracebackOf(error),
      ...(startedAtMs === undefined ? undefined : { startedAtMs }),
    }),
  };
}

/** A message back to the queue it came from, never again through an exchange. */
function sameQueue(
  { delivery, id, generation }: Execution,
  message: TaskMessage,
  {
    dueAtMs,
    retries,
    step = '',
  }: { readonly dueAtMs: number | undefined; readonly retries: number; readonly step?: string },
): OutgoingMessage {
  return {
    ...encodeMessage(message),
    exchange: '',
    routingKey: delivery.queue,
    deduplicationId: attemptKey(id, retries, generation) + step,
    ...(delivery.messageGroup === undefined ? undefined : { messageGroup: delivery.messageGroup }),
    ...(dueAtMs === undefined ? undefined : { dueAtMs }),
  };
}

function settleEarly(execution: Execution, { etaMs }: { readonly etaMs: number }): Settlement {
  const { delivery, message, retries } = execution;
  const again = sameQueue(execution, message, { dueAtMs: etaMs, retries, step: ':eta' });
  return { delivery, publish: [again], disposition: ACK };
}

function settleFailure(
  execution: Execution,
  error: unknown,
  { trace, reason }: { readonly trace: RunTrace; readonly reason: string },
): Settlement {
  const { delivery, environment } = execution;
  const { messages, problem } = errbacks(execution);
  const text = problem === undefined ? reason : `${reason}; no errback was sent: ${problem}`;
  environment.log.error(`task ${text}`, { task: execution.message.headers.task, id: execution.id });
  return {
    delivery,
    publish: messages,
    disposition: { kind: 'dead', reason: text.slice(0, 1000) },
    ...stored(execution, {
      state: 'FAILURE',
      result: encodeException(error),
      traceback: tracebackOf(error),
      doneAtMs: environment.runtime.clock.now(),
      ...(trace.startedAtMs === undefined ? undefined : { startedAtMs: trace.startedAtMs }),
    }),
  };
}

/** As Celery's old-style errbacks: sent as tasks, with the failed task's id as first argument. */
function errbacks(execution: Execution): { readonly messages: readonly OutgoingMessage[]; readonly problem?: string } {
  const { errbacks: wires } = execution.message.embed;
  if (wires === null) return { messages: NOTHING };
  const step = (index: number) => ({ step: `errback:${execution.generation}:${index}` });
  const { queueOf } = execution.environment;
  try {
    return {
      messages: wires.map((wire, index) =>
        childMessage(execution, fromWireSignature(wire, [execution.id], queueOf), step(index)),
      ),
    };
  } catch (error) {
    return { messages: NOTHING, problem: describeError(error) };
  }
}

function settleRevoked(execution: Execution, why: 'revoked' | 'expired'): Settlement {
  const { delivery, environment } = execution;
  const result = encodeException(new NamedException('TaskRevokedError', why));
  return {
    delivery,
    publish: NOTHING,
    disposition: ACK,
    ...stored(execution, { state: 'REVOKED', result, doneAtMs: environment.runtime.clock.now() }),
  };
}

function stored(execution: Execution, change: Parameters<typeof updateOf>[1]): { readonly result?: ResultUpdate } {
  return ignoresResult(execution) ? {} : { result: updateOf(execution, change) };
}

/** The settlement of bytes that are no task message: dead-lettered, and FAILURE where it has an id. */
export function settleFault(delivery: Delivery, fault: DecodeFault, environment: WorkerEnvironment): Settlement {
  const reason = `${fault.code}: ${fault.reason}`;
  environment.log.error(`message refused: ${reason}`, { queue: delivery.queue, id: fault.id, task: fault.task });
  const nowMs = environment.runtime.clock.now();
  const result: ResultUpdate | undefined =
    fault.id === undefined
      ? undefined
      : {
          id: fault.id,
          state: 'FAILURE',
          result: encodeException(new NamedException('DecodeError', reason)),
          attempt: { retries: 0, generation: 0 },
          task: fault.task ?? '',
          args: '[]',
          kwargs: '{}',
          queue: delivery.queue,
          worker: environment.workerName,
          receivedAtMs: nowMs,
          doneAtMs: nowMs,
        };
  return {
    delivery,
    publish: NOTHING,
    disposition: { kind: 'dead', reason },
    ...(result === undefined ? undefined : { result }),
  };
}

/** Faults that pass: the message comes again instead of dying. */
const PASSING = new Set<ErrorCode>(['broker-unavailable', 'store-unavailable', 'closed']);
const PAUSE_SECONDS = 5;

/** The settlement when a step outside the handler threw: given back when the fault passes, else dead-lettered. */
export function settleSurprise(delivery: Delivery, error: unknown, environment: WorkerEnvironment): Settlement {
  environment.log.error(`worker fault: ${describeError(error)}`, {
    queue: delivery.queue,
    id: delivery.message.correlationId,
  });
  const passes = error instanceof CellarError && PASSING.has(error.code);
  const disposition: Disposition = passes
    ? { kind: 'release', delaySeconds: PAUSE_SECONDS }
    : { kind: 'dead', reason: `worker fault: ${describeError(error)}`.slice(0, 1000) };
  return { delivery, publish: NOTHING, disposition };
}
