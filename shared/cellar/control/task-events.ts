/** What a monitor is told of a task, with exactly the fields of Celery's events (celery/worker/{strategy,request}.py). */
import type { Delivery, Settlement } from '../broker.ts';
import { exceptionRepr, shortRepr } from '../celery/python-repr.ts';
import { tracebackOf } from '../exception.ts';
import { type Execution, taskIdOf } from '../worker/execution.ts';
import type { Outcome } from '../worker/outcome.ts';

export interface TaskEvent {
  readonly type: string;
  readonly fields: object;
}

/** What an end is told with beside its outcome. */
export interface EndFacts {
  readonly runtimeSeconds: number;
  /** The number of the signal that ended a run; absent where none did. */
  readonly signal?: number;
}

/** Of a message that was taken; none where its headers do not tell the task, as with Celery's first protocol. */
export function receivedEvent(delivery: Delivery): TaskEvent | undefined {
  const { task, argsrepr, kwargsrepr, root_id, parent_id, retries, eta, expires } = delivery.message.headers;
  if (typeof task !== 'string') return undefined;
  const uuid = taskIdOf(delivery);
  return {
    type: 'task-received',
    fields: {
      uuid,
      name: task,
      args: argsrepr ?? '',
      kwargs: kwargsrepr ?? '',
      root_id: root_id ?? uuid,
      parent_id: parent_id ?? null,
      retries: retries ?? 0,
      eta: eta ?? null,
      expires: expires ?? null,
    },
  };
}

type EventOf<Kind extends Outcome['kind']> = (
  outcome: Extract<Outcome, { kind: Kind }>,
  facts: EndFacts,
) => TaskEvent | undefined;

const nothing = (): undefined => undefined;

const events: { readonly [Kind in Outcome['kind']]: EventOf<Kind> } = {
  succeeded: ({ value }, { runtimeSeconds }) => ({
    type: 'task-succeeded',
    fields: { result: shortRepr(value), runtime: runtimeSeconds },
  }),
  retry: ({ error }) => ({ type: 'task-retried', fields: exceptionFields(error) }),
  failed: ({ error }) => ({ type: 'task-failed', fields: exceptionFields(error) }),
  rejected: () => ({ type: 'task-rejected', fields: { requeue: false } }),
  lost: () => ({ type: 'task-rejected', fields: { requeue: true } }),
  revoked: (_outcome, { signal }) => ({
    type: 'task-revoked',
    fields: { terminated: signal !== undefined, signum: signal ?? null, expired: false },
  }),
  expired: () => ({ type: 'task-revoked', fields: { terminated: false, signum: null, expired: true } }),
  ignored: nothing,
  early: nothing,
  'done-before': nothing,
  'running-elsewhere': nothing,
};

/** Of an end; none where Celery sends none, or where the task has not ended. */
export function endedEvent(
  { id }: Execution,
  outcome: Outcome,
  { settlement, facts }: { readonly settlement: Settlement | undefined; readonly facts: EndFacts },
): TaskEvent | undefined {
  const disposition = settlement?.disposition;
  const event =
    disposition?.kind === 'dead' && (outcome.kind === 'succeeded' || outcome.kind === 'retry')
      ? // What it returned or sent could not be encoded, carried or stored.
        { type: 'task-failed', fields: { exception: disposition.reason, traceback: '' } }
      : events[outcome.kind](outcome as never, facts);
  return event === undefined ? undefined : { type: event.type, fields: { uuid: id, ...event.fields } };
}

function exceptionFields(error: unknown): object {
  return { exception: exceptionRepr(error), traceback: tracebackOf(error) };
}
