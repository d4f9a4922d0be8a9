/** What a handler gets: the context of its worker and the means of its run. */
import { encodeJson, timeOfIso } from '../celery/tagged-json.ts';
import { CellarError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ResultUpdate } from '../result-store.ts';
import type { RetryRequest, TaskContext, TaskRequest } from '../worker.ts';
import { asDirective, IgnoreDirective, RejectDirective, RetryDirective } from './directive.ts';
import type { Execution } from './execution.ts';
import { addChild, addPublication, childMessage, type Outbox } from './outbox.ts';
import { updateOf } from './result-update.ts';

/** The handler's end of one run: its context, what it sent, and the switch of its signal. */
export interface OpenRun {
  readonly context: object;
  readonly outbox: Outbox;
  /** Fires `signal`; nothing happens where the handler never asked for it. */
  readonly abort: (reason: Error) => void;
  /** Frees what the run holds. */
  readonly end: () => void;
}

/** Opens the context of one run; parts that cost something are made when the handler first asks for them. */
export function openRun(execution: Execution): OpenRun {
  const outbox: Outbox = { messages: [], childIds: [] };
  const { environment } = execution;
  let controller: AbortController | undefined;
  let aborted: Error | undefined;
  const abort = (reason: Error): void => {
    aborted ??= reason;
    controller?.abort(reason);
  };
  const onStop = (): void => abort(new CellarError('closed', 'the worker stops'));
  const signal = (): AbortSignal => {
    if (controller === undefined) {
      controller = new AbortController();
      environment.stopSignal.addEventListener('abort', onStop, { once: true });
      if (environment.stopSignal.aborted) onStop();
      if (aborted !== undefined) controller.abort(aborted);
    }
    return controller.signal;
  };
  const end = (): void => {
    if (controller !== undefined) environment.stopSignal.removeEventListener('abort', onStop);
  };
  return { context: Object.assign(taskContext(execution, outbox, signal), environment.context), outbox, abort, end };
}

function taskContext(execution: Execution, outbox: Outbox, signal: () => AbortSignal): TaskContext {
  const { environment } = execution;
  let request: TaskRequest | undefined;
  let log: Logger | undefined;
  return {
    get request() {
      request ??= requestOf(execution);
      return request;
    },
    get log() {
      log ??= taskLogger(execution);
      return log;
    },
    get signal() {
      return signal();
    },
    send: (signature, options) => addChild(execution, outbox, signature, options),
    publish: (exchange, routingKey, signature, options) =>
      addPublication(execution, outbox, signature, { exchange, routingKey, options }),
    async sendNow(signature, options) {
      const message = childMessage(execution, signature, { step: `now:${environment.runtime.newId()}`, options });
      await environment.publishNow([message]);
      return message.correlationId;
    },
    updateState: (state, meta) => environment.results.store([stateUpdate(execution, state, meta)]),
    retry: (retry: RetryRequest = {}) => asDirective(new RetryDirective(retry)),
    reject: (reason) => asDirective(new RejectDirective(reason)),
    ignore: () => asDirective(new IgnoreDirective()),
  };
}

/** States that the worker itself sets; a handler names others. */
const OWN_STATES = new Set(['PENDING', 'RECEIVED', 'SUCCESS', 'FAILURE', 'RETRY', 'REVOKED', 'REJECTED', 'IGNORED']);

function stateUpdate(execution: Execution, state: string, meta: unknown): ResultUpdate {
  if (OWN_STATES.has(state) || !/^[A-Z][A-Z0-9_]{0,49}$/.test(state)) {
    throw new CellarError(
      'bad-arguments',
      `the state is ${JSON.stringify(state)}, allowed: capital letters, digits and _, and none of Celery's own`,
    );
  }
  return updateOf(execution, { state, result: encodeJson(meta) });
}

function requestOf({ delivery, message, id, retries, generation }: Execution): TaskRequest {
  const { headers } = message;
  return {
    id,
    task: headers.task,
    queue: delivery.queue,
    rootId: headers.root_id,
    parentId: headers.parent_id ?? undefined,
    groupId: headers.group ?? undefined,
    retries,
    generation,
    eta: dateOf(headers.eta),
    expires: dateOf(headers.expires),
    messageGroup: delivery.messageGroup,
    headers,
    deliveryCount: delivery.deliveryCount,
  };
}

function dateOf(text: string | null): Date | undefined {
  return text === null ? undefined : new Date(timeOfIso(text));
}

/** The worker's log with the task's name and id on every line. */
export function taskLogger({ environment, message, id }: Execution): Logger {
  const own = { task: message.headers.task, id };
  const { log } = environment;
  return {
    debug: (text, fields) => log.debug(text, { ...own, ...fields }),
    info: (text, fields) => log.info(text, { ...own, ...fields }),
    warn: (text, fields) => log.warn(text, { ...own, ...fields }),
    error: (text, fields) => log.error(text, { ...own, ...fields }),
  };
}
