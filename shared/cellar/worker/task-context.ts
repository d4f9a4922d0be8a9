/** What a handler gets: the context of its worker and the means of its run. */
import { loadLater } from '#later';
import { isCanvas } from '../canvas.ts';
import { encodeJson, timeOfIso } from '../celery/tagged-json.ts';
import { openChords } from '../chord-store.ts';
import { CellarError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ResultUpdate } from '../result-store.ts';
import type { RetryRequest, TaskContext, TaskRequest } from '../worker.ts';
import { asDirective, IgnoreDirective, RejectDirective, RetryDirective } from './directive.ts';
import type { Execution } from './execution.ts';
import {
  addChild,
  addPublication,
  addSignature,
  type CanvasChild,
  canvasChild,
  childMessage,
  type Outbox,
} from './outbox.ts';
import { type SendSignature, sendSignature } from './send-signature.ts';

/** The worker's end of one run: what the handler sent, and the switch of its signal. */
export class RunControl {
  readonly outbox: Outbox = { messages: [], childIds: [] };
  readonly #stopSignal: AbortSignal;
  #controller: AbortController | undefined;
  #aborted: Error | undefined;
  #over = false;

  constructor({ environment }: Execution) {
    this.#stopSignal = environment.stopSignal;
  }

  /** Made when the handler first asks for it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#stopSignal.addEventListener('abort', this.#onStop, { once: true });
      if (this.#stopSignal.aborted) this.#onStop();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  readonly #onStop = (): void => this.abort(new CellarError('closed', 'the worker stops'));

  /** Fires `signal`; nothing happens where the handler never asked for it. */
  abort(reason: Error): void {
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
  }

  /** @throws CellarError `closed` when the run is over: what an abandoned handler still does has no effect */
  checkRunning(): void {
    if (this.#over)
      throw new CellarError('closed', 'the run is over: it was settled, and what it still does has no effect');
  }

  /** The run is over: frees what it holds. */
  end(): void {
    this.#over = true;
    if (this.#controller !== undefined) this.#stopSignal.removeEventListener('abort', this.#onStop);
  }
}

/** The names of the task context, which a worker's own context may not use. */
export const RESERVED_NAMES = [
  'request',
  'log',
  'signal',
  'send',
  'publish',
  'sendNow',
  'updateState',
  'retry',
  'reject',
  'ignore',
] as const;

/** The context of one run: the worker's own merged with the task's. */
export function openContext(execution: Execution, control: RunControl): object {
  return Object.assign(new RunContext(execution, control), execution.environment.context);
}

/** Its parts are getters, so that a handler may take them out by destructuring and pays only for those it takes. */
class RunContext implements TaskContext, SendSignature {
  readonly #execution: Execution;
  readonly #control: RunControl;

  constructor(execution: Execution, control: RunControl) {
    this.#execution = execution;
    this.#control = control;
  }

  get request(): TaskRequest {
    return requestOf(this.#execution);
  }

  get log(): Logger {
    return taskLogger(this.#execution);
  }

  get signal(): AbortSignal {
    return this.#control.signal;
  }

  get send(): TaskContext['send'] {
    return (signature, options) => {
      this.#control.checkRunning();
      return addChild(this.#execution, this.#control.outbox, signature, options);
    };
  }

  get [sendSignature](): SendSignature[typeof sendSignature] {
    return (signature, args) => {
      this.#control.checkRunning();
      return addSignature(this.#execution, this.#control.outbox, signature, args);
    };
  }

  get publish(): TaskContext['publish'] {
    return (exchange, routingKey, signature, options) => {
      this.#control.checkRunning();
      return addPublication(this.#execution, this.#control.outbox, signature, { exchange, routingKey, options });
    };
  }

  get sendNow(): TaskContext['sendNow'] {
    const { environment } = this.#execution;
    return async (work, options) => {
      this.#control.checkRunning();
      const step = `now:${environment.runtime.newId()}`;
      if (isCanvas(work))
        return await sendCanvasNow(this.#execution, canvasChild(this.#execution, work, { step, options }));
      const message = childMessage(this.#execution, work, { step, options });
      await environment.publishNow([message]);
      return message.correlationId;
    };
  }

  get updateState(): TaskContext['updateState'] {
    return async (state, meta) => {
      this.#control.checkRunning();
      await this.#execution.environment.results.store([await stateUpdate(this.#execution, state, meta)]);
    };
  }

  get retry(): TaskContext['retry'] {
    return (request: RetryRequest = {}) => asDirective(new RetryDirective(request));
  }

  get reject(): TaskContext['reject'] {
    return (reason) => asDirective(new RejectDirective(reason));
  }

  get ignore(): TaskContext['ignore'] {
    return () => asDirective(new IgnoreDirective());
  }
}

async function sendCanvasNow(execution: Execution, child: Pick<CanvasChild, 'id' | 'signature'>): Promise<string> {
  const { followersOf } = (await loadLater()).workflow;
  const { messages, chords } = followersOf(execution, child);
  await openChords(execution.environment.chords, chords);
  await execution.environment.publishNow(messages);
  return child.id;
}

/** States that the worker itself sets; a handler names others. */
const OWN_STATES = new Set(['PENDING', 'RECEIVED', 'SUCCESS', 'FAILURE', 'RETRY', 'REVOKED', 'REJECTED', 'IGNORED']);

async function stateUpdate(execution: Execution, state: string, meta: unknown): Promise<ResultUpdate> {
  if (OWN_STATES.has(state) || !/^[A-Z][A-Z0-9_]{0,49}$/.test(state)) {
    throw new CellarError(
      'bad-arguments',
      `the state is ${JSON.stringify(state)}, allowed: capital letters, digits and _, and none of Celery's own`,
    );
  }
  const { updateOf } = await loadLater();
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
    priority: delivery.priority ?? 0,
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
