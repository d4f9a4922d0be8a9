/** Binds code to contracts: one worker per queue, one handler per (queue, task). Running it is the business of `worker/`. */
import type { Sendable } from './canvas.ts';
import type { Cellar } from './cellar.ts';
import type { Logger } from './log.ts';
import type { Settings } from './settings.ts';
import type { SendOptions, Signature } from './signature.ts';
import type { AnyTask, HandlerArguments, Params, Task } from './task.ts';

/** What Celery calls `self.request`: the facts of this run. */
export interface TaskRequest {
  readonly id: string;
  readonly task: string;
  readonly queue: string;
  readonly rootId: string;
  readonly parentId: string | undefined;
  readonly groupId: string | undefined;
  /** Retries so far; 0 on the first run. */
  readonly retries: number;
  /** Redrives so far; 0 unless someone sent it back from the dead-letter queue. */
  readonly generation: number;
  readonly eta: Date | undefined;
  readonly expires: Date | undefined;
  readonly messageGroup: string | undefined;
  /** 0 to 9, 9 first; 0 where the queue has none. */
  readonly priority: number;
  /** All headers of the message, the caller's own among them. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly deliveryCount: number;
}

declare const directive: unique symbol;
/** What `ctx.retry()`, `ctx.reject()` and `ctx.ignore()` give; return it from the handler. */
export interface Directive {
  readonly [directive]: true;
}

export interface RetryRequest {
  /** Seconds until the next run. @default as the contract's retry policy says */
  readonly countdown?: number;
  readonly eta?: Date;
  readonly reason?: string;
  /** Overrides the contract's. */
  readonly maxRetries?: number | null;
}

/** What every handler gets beside its worker's context. */
export interface TaskContext {
  readonly request: TaskRequest;
  readonly log: Logger;
  /** Fires at the soft time limit, and when the worker stops cold. */
  readonly signal: AbortSignal;
  /**
   * Puts a task or a workflow into the outbox: published with the acknowledgement, once, when this handler has succeeded.
   * Answers its id: of a chain that of the last task, of a chord that of its body, of a group its own.
   */
  send(work: Sendable<unknown>, options?: SendOptions): string;
  /** As `send`, through an exchange. */
  publish(exchange: string, routingKey: string, signature: Signature<unknown>, options?: SendOptions): string;
  /** Publishes at once, whatever becomes of this run; a replay sends it again. */
  sendNow(work: Sendable<unknown>, options?: SendOptions): Promise<string>;
  /** Stores a state of your own (`PROGRESS`) with its meta, visible at once. */
  updateState(state: string, meta: unknown): Promise<void>;
  /** Runs it again later: a new message with the same id and one more retry. */
  retry(request?: RetryRequest): Directive;
  /** Dead-letters it with this reason, without a retry; FAILURE is stored. */
  reject(reason: string): Directive;
  /** Ends it without storing a result. */
  ignore(): Directive;
}

export type Handler<Context extends object, P extends Params, Result> = (
  context: Context & TaskContext,
  args: HandlerArguments<P>,
) => Result | Directive | Promise<Result | Directive>;

export interface WorkerOptions<Context extends object> {
  /** The queue that it takes messages of. */
  readonly queue: string;
  /** Built once per process or cold start, and given to every handler. @default an empty context */
  readonly context?: (settings: Settings, cellar: Cellar) => Context | Promise<Context>;
  /** Frees what the context holds when the worker stops. */
  readonly dispose?: (context: Context) => void | Promise<void>;
  /** How many tasks run side by side. @default CELLAR_WORKER_CONCURRENCY */
  readonly concurrency?: number;
}

/** A handler bound to its contract and worker: the default export of a task file. */
export interface BoundHandler {
  readonly kind: 'cellar.handler';
  readonly contract: AnyTask;
  readonly worker: AnyWorker;
  /** The code, called with the built context merged with the task context, and the validated arguments. */
  run(context: object, args: object): unknown;
}

/** A worker whose context's type is not known here. */
export interface AnyWorker {
  readonly kind: 'cellar.worker';
  readonly queue: string;
  readonly concurrency: number | undefined;
  openContext(settings: Settings, cellar: Cellar): object | Promise<object>;
  disposeContext(context: object): void | Promise<void>;
}

export interface Worker<Context extends object> extends AnyWorker {
  /** Binds code to a contract; a result of the wrong type does not compile. */
  handle<P extends Params, Result>(contract: Task<P, Result>, handler: Handler<Context, P, Result>): BoundHandler;
}

/**
 * Declares the worker of one queue.
 *
 * `worker({ queue: 'mail', context: async () => ({ mailer }) })` types the context of every handler made with its `handle`.
 */
export function worker<Context extends object = object>(options: WorkerOptions<Context>): Worker<Context> {
  const { context, dispose } = options;
  const self: Worker<Context> = {
    kind: 'cellar.worker',
    queue: options.queue,
    concurrency: options.concurrency,
    openContext: (settings, cellar) => context?.(settings, cellar) ?? {},
    disposeContext(opened: Context) {
      return dispose?.(opened);
    },
    handle: (contract, handler) => ({
      kind: 'cellar.handler',
      contract,
      worker: self,
      run(given: Context & TaskContext, args: HandlerArguments<typeof contract.params>) {
        return handler(given, args);
      },
    }),
  };
  return self;
}
