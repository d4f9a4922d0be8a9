/** What each outcome means for its message: what is published, what state is stored, and where the message goes. */
import type { Disposition, OutgoingMessage } from '../broker.ts';
import { decodeJson, encodeJson, isoDate } from '../celery/tagged-json.ts';
import type { ChordToOpen } from '../chord-store.ts';
import { describeError, encodeException, errorOfStored, NamedException, tracebackOf } from '../exception.ts';
import { encodeMessage, type TaskMessage } from '../message.ts';
import { attemptKey } from '../outgoing.ts';
import type { StoredResult } from '../result-store.ts';
import { checkCarried } from './check-carried.ts';
import { type Execution, savesOutbox } from './execution.ts';
import { shortException } from './fitting.ts';
import { withLoss } from './losses.ts';
import type { Outbox } from './outbox.ts';
import type { Outcome } from './outcome.ts';
import type { StateChange } from './result-update.ts';
import type { Followers } from './workflow.ts';

/** What a run leaves beside its outcome. */
export interface RunTrace {
  readonly outbox: Outbox;
  /** There where its message says that something comes after it, or its handler sent a workflow. */
  readonly workflow?: Workflow | undefined;
  /** Absent where the handler was not called. */
  readonly startedAtMs?: number;
}

/** The part of a worker that knows of workflows; loaded when one is met. */
export type Workflow = Pick<
  typeof import('./workflow.ts'),
  'abandonedSteps' | 'afterFailure' | 'afterSuccess' | 'wholeOutbox'
>;

export interface Ending {
  readonly publish: readonly OutgoingMessage[];
  /** To be opened before those are published. */
  readonly chords?: readonly ChordToOpen[];
  /** The state that it ended in before, where nothing is stored now. */
  readonly before?: Pick<StateChange, 'state' | 'result'>;
  readonly disposition: Disposition;
  /** Absent where nothing is stored. */
  readonly change?: StateChange;
}

const ACK: Disposition = { kind: 'ack' };
const NOTHING: readonly OutgoingMessage[] = [];
/** Longest pause before a task that runs elsewhere is looked at again. */
const LONGEST_PAUSE_SECONDS = 30;

type EndingOf<Kind extends Outcome['kind']> = (
  execution: Execution,
  outcome: Extract<Outcome, { kind: Kind }>,
  trace: RunTrace,
) => Ending;

/**
 * The ending of each kind of outcome.
 * @throws CellarError when the result or a message that it sends cannot be encoded or carried; `failed` never does
 */
export const endings: { readonly [Kind in Outcome['kind']]: EndingOf<Kind> } = {
  succeeded: endSuccess,
  retry: endRetry,
  failed: (execution, { error }, trace) => endFailure(execution, error, { trace, why: 'failed' }),
  rejected: (execution, { reason }, trace) =>
    endFailure(execution, new NamedException('Reject', reason), { trace, why: 'rejected' }),
  ignored: endIgnored,
  revoked: (execution) => endRevoked(execution, 'revoked'),
  expired: (execution) => endRevoked(execution, 'expired'),
  lost: endLost,
  early: endEarly,
  'done-before': endDoneBefore,
  'running-elsewhere': ({ environment }, { untilMs }) => {
    const leftSeconds = Math.max(1, Math.ceil((untilMs - environment.runtime.clock.now()) / 1000));
    const delaySeconds = Math.min(leftSeconds, LONGEST_PAUSE_SECONDS);
    return { publish: NOTHING, disposition: { kind: 'release', delaySeconds } };
  },
};

function endSuccess(execution: Execution, { value }: { readonly value: unknown }, trace: RunTrace): Ending {
  const result = encodeJson(value);
  const { outbox, startedAtMs } = trace;
  const own = sentBy(execution, trace);
  const next = trace.workflow?.afterSuccess(execution, value) ?? NOTHING_SENT;
  const children = [...outbox.childIds, ...next.messages.map(({ correlationId }) => correlationId)];
  return {
    publish: next.messages.length === 0 ? own.messages : [...own.messages, ...next.messages],
    chords: [...own.chords, ...next.chords],
    disposition: ACK,
    change: {
      state: 'SUCCESS',
      result,
      doneAtMs: execution.environment.runtime.clock.now(),
      ...(children.length === 0 ? undefined : { children }),
      ...(startedAtMs === undefined ? undefined : { startedAtMs }),
    },
  };
}

const NOTHING_SENT: Followers = { messages: [], chords: [] };

/** What the handler sent. */
function sentBy(execution: Execution, { outbox, workflow }: RunTrace): Followers {
  if (outbox.canvases === undefined) return { messages: outbox.messages, chords: [] };
  return workflow?.wholeOutbox(execution, outbox) ?? NOTHING_SENT;
}

function endIgnored(execution: Execution, _outcome: object, trace: RunTrace): Ending {
  const { messages, chords } = sentBy(execution, trace);
  return { publish: messages, chords, disposition: ACK };
}

function endRetry(
  execution: Execution,
  { error, delaySeconds }: { readonly error: unknown; readonly delaySeconds: number },
  { startedAtMs }: RunTrace,
): Ending {
  const { message, id, retries, generation, environment } = execution;
  const nowMs = environment.runtime.clock.now();
  const dueAtMs = delaySeconds > 0 ? Math.ceil(nowMs + delaySeconds * 1000) : undefined;
  const headers = {
    ...message.headers,
    retries: retries + 1,
    parent_id: id,
    eta: dueAtMs === undefined ? null : isoDate(new Date(dueAtMs)),
  };
  const deduplicationId = attemptKey(id, retries + 1, generation);
  return {
    publish: [sameQueue(execution, { ...message, headers }, { dueAtMs, deduplicationId })],
    disposition: ACK,
    change: {
      state: 'RETRY',
      result: shortException(error, environment.results.maxUpdateBytes),
      traceback: tracebackOf(error),
      ...(startedAtMs === undefined ? undefined : { startedAtMs }),
    },
  };
}

/**
 * Its outcome stands. Where that run may have died before it had published and acknowledged, what it saved to publish is
 * published again, under the same ids, and its message goes where it was to go.
 */
function endDoneBefore(execution: Execution, { result }: { readonly result: StoredResult }): Ending {
  // Its run may have died before it was counted as a part of its chord.
  const before = { state: result.state, result: result.result };
  if (!savesOutbox(execution)) return { publish: NOTHING, disposition: ACK, before };
  const { retries, generation } = result.attempt;
  const isThisRun = retries === execution.retries && generation === execution.generation;
  if (!isThisRun) return { publish: NOTHING, disposition: ACK, before };
  const reason = `failed: ${errorOfStored(result.state, decodeJson(result.result)).message}`;
  return {
    publish: result.outbox ?? NOTHING,
    before,
    disposition: result.state === 'FAILURE' ? { kind: 'dead', reason: reason.slice(0, 1000) } : ACK,
  };
}

/** Too early: the same message again, for its time. A second hop must not meet the deduplication id of the first. */
function endEarly(execution: Execution, { etaMs }: { readonly etaMs: number }): Ending {
  const { delivery, message, id, retries, generation } = execution;
  const deduplicationId = `${attemptKey(id, retries, generation)}:eta:${delivery.enqueuedAtMs}`;
  return { publish: [sameQueue(execution, message, { dueAtMs: etaMs, deduplicationId })], disposition: ACK };
}

/** As when a whole worker dies: the same message comes again, and this start counts. */
function endLost(execution: Execution, { reason }: { readonly reason: string }): Ending {
  const { message, id, retries, generation, starts, environment } = execution;
  const fields = { task: message.headers.task, id };
  environment.log.error(`the child that ran a task ended before it did: ${reason}; it comes again`, fields);
  const deduplicationId = `${attemptKey(id, retries, generation)}:lost:${starts}`;
  const again = sameQueue(execution, withLoss(message, execution), { dueAtMs: undefined, deduplicationId });
  return { publish: [again], disposition: ACK };
}

/** A message back to the queue it came from, never again through an exchange. */
function sameQueue(
  { delivery, environment }: Execution,
  task: TaskMessage,
  { dueAtMs, deduplicationId }: { readonly dueAtMs: number | undefined; readonly deduplicationId: string },
): OutgoingMessage {
  const message: OutgoingMessage = {
    ...encodeMessage(task),
    exchange: '',
    routingKey: delivery.queue,
    deduplicationId,
    ...(delivery.messageGroup === undefined ? undefined : { messageGroup: delivery.messageGroup }),
    ...(delivery.priority === undefined ? undefined : { priority: delivery.priority }),
    ...(delivery.message.replyTo === undefined ? undefined : { replyTo: delivery.message.replyTo }),
    ...(dueAtMs === undefined ? undefined : { dueAtMs }),
  };
  checkCarried(message, environment.capabilities, environment.runtime.clock.now());
  return message;
}

function endFailure(
  execution: Execution,
  error: unknown,
  { trace, why }: { readonly trace: RunTrace; readonly why: 'failed' | 'rejected' },
): Ending {
  const { environment, id, message } = execution;
  const { messages, chords, problem } = trace.workflow?.afterFailure(execution) ?? { ...NOTHING_SENT };
  const reason = `${why}: ${why === 'rejected' && error instanceof Error ? error.message : describeError(error)}`;
  const text = problem === undefined ? reason : `${reason}; no errback was sent: ${problem}`;
  environment.log.error(`task ${text}`, { task: message.headers.task, id });
  return {
    publish: messages,
    chords,
    disposition: { kind: 'dead', reason: text.slice(0, 1000) },
    change: {
      state: 'FAILURE',
      result: shortException(error, environment.results.maxUpdateBytes),
      traceback: tracebackOf(error),
      doneAtMs: environment.runtime.clock.now(),
      ...(trace.startedAtMs === undefined ? undefined : { startedAtMs: trace.startedAtMs }),
    },
  };
}

function endRevoked(execution: Execution, why: 'revoked' | 'expired'): Ending {
  const result = encodeException(new NamedException('TaskRevokedError', why));
  const doneAtMs = execution.environment.runtime.clock.now();
  return { publish: NOTHING, disposition: ACK, change: { state: 'REVOKED', result, doneAtMs } };
}
