/** The child's side of a pool: opens the application once, and runs what its worker sends. */
import { Client } from '../../client.ts';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { describeError, NamedException } from '../../exception.ts';
import { loadApp } from '../../load-app.ts';
import { openBackend } from '../../open-backend.ts';
import { stderrLogger } from '../../stderr-logger.ts';
import { bindArguments } from '../bind-arguments.ts';
import { builtInOf } from '../built-ins/built-ins.ts';
import { discover } from '../discover.ts';
import { handlerOf, type WorkerEnvironment } from '../execution.ts';
import { type OpenEnvironment, openEnvironment } from '../open-environment.ts';
import type { PoolRun } from '../pool.ts';
import type { QueueHandlers } from '../registry.ts';
import { RunControl } from '../task-context.ts';
import { carryError } from './carried-error.ts';
import { carryOutcome } from './carried-outcome.ts';
import { executionOfCarried } from './carried-run.ts';
import { childBackend } from './child-backend.ts';
import {
  type CarriedRun,
  type ChildStart,
  decodeCrossing,
  encodeCrossing,
  type FromChild,
  type ToChild,
} from './child-protocol.ts';
import { childResults } from './child-results.ts';
import { memoryBytes } from './memory-bytes.ts';
import { ParentLine } from './parent-line.ts';
import { NOTHING_SENT, runInLoop } from './run-in-loop.ts';

export interface ChildServerOptions {
  readonly runtime: Runtime;
  /** Sends a text to the worker. */
  readonly send: (text: string) => void;
  /** Ends this thread or process. */
  readonly exit: () => void;
}

export class ChildServer {
  readonly #options: ChildServerOptions;
  readonly #parent: ParentLine;
  readonly #environments = new Map<string, Promise<OpenEnvironment>>();
  #client: Client | undefined;
  #queues: ReadonlyMap<string, QueueHandlers> = new Map();
  #measuresMemory = false;
  #isInterrupted = false;

  constructor(options: ChildServerOptions) {
    this.#options = options;
    this.#parent = new ParentLine((message) => this.#send(message));
  }

  /** Takes a message of the worker. */
  receive(text: string): void {
    const message = decodeCrossing<ToChild>(text);
    switch (message.kind) {
      case 'start':
        void this.#start(message.start);
        break;
      case 'run':
        void this.#run(message.run);
        break;
      case 'interrupt':
        void this.#interrupt();
        break;
      case 'answer':
        this.#parent.answered(message);
        break;
      case 'close':
        void this.#close();
        break;
    }
  }

  async #start(start: ChildStart): Promise<void> {
    try {
      await this.#open(start);
      this.#send({ kind: 'ready' });
    } catch (fault) {
      this.#send({ kind: 'unusable', fault: carryError(fault) });
    }
  }

  async #open(start: ChildStart): Promise<void> {
    const { settings, measuresMemory, queues } = start;
    const { runtime } = this.#options;
    const { topology, workersFolder } = await loadApp(start.appPath);
    if (workersFolder === undefined) throw new CellarError('discovery', 'the application has no workersFolder');
    this.#queues = await discover(workersFolder, topology);
    const backend = childBackend({
      start,
      publish: (messages) => this.#parent.call({ port: 'publish', messages }),
      results: childResults(start.results, (method, args) => this.#parent.call({ port: 'results', method, args })),
      openOwn: async () => {
        const own = await openBackend(settings, runtime);
        await own.broker.declare(topology);
        return own;
      },
    });
    const log = stderrLogger(settings, runtime);
    this.#client = new Client({ settings, topology, runtime, log, backend, ownsBackend: true });
    this.#measuresMemory = measuresMemory;
    for (const queue of queues) await this.#environmentOf(queue);
  }

  #environmentOf(queue: string): Promise<OpenEnvironment> {
    let opened = this.#environments.get(queue);
    if (opened === undefined) {
      opened = this.#openQueue(queue);
      this.#environments.set(queue, opened);
      // Its context may open at the next run.
      opened.catch(() => this.#environments.delete(queue));
    }
    return opened;
  }

  async #openQueue(queue: string): Promise<OpenEnvironment> {
    const handlers = this.#queues.get(queue);
    if (this.#client === undefined || handlers === undefined) {
      throw new CellarError('discovery', `no worker of the queue ${queue} in this process`);
    }
    const opened = await openEnvironment(this.#client, handlers);
    if (this.#isInterrupted) opened.cold.abort();
    return opened;
  }

  async #run(run: CarriedRun): Promise<void> {
    const opened = await this.#environmentOf(run.delivery.queue).catch((error: unknown) => {
      this.#client?.log.error(`cannot run tasks: ${describeError(error)}`, { queue: run.delivery.queue });
    });
    // Its end brings the message again; a failure would be the task's.
    if (opened === undefined) return this.#options.exit();
    this.#done(await this.#runIn(run, opened.environment));
  }

  async #runIn(run: CarriedRun, environment: WorkerEnvironment): Promise<PoolRun> {
    const execution = executionOfCarried(run, environment);
    const { message } = execution;
    const handler = handlerOf(execution) ?? builtInOf(execution);
    if (handler === undefined) return failed(new NamedException('NotRegistered', message.headers.task));
    const bound = bindArguments(handler.contract, message.args, message.kwargs);
    if (!bound.ok) return failed(new TypeError(bound.problem));
    return runInLoop(execution, handler, {
      args: bound.args,
      control: new RunControl(execution),
      // At the hard limit the worker ends this child.
      limits: { hardSeconds: null, softSeconds: run.softSeconds },
    });
  }

  #done({ outcome, outbox }: PoolRun): void {
    const memory = this.#measuresMemory ? { memoryBytes: memoryBytes() } : {};
    try {
      this.#send({ kind: 'done', outcome: carryOutcome(outcome), outbox, ...memory });
    } catch (error) {
      // A result, or what was sent with it, that JSON cannot carry: the run failed after all.
      this.#send({ kind: 'done', outcome: carryOutcome(failed(error).outcome), outbox: NOTHING_SENT, ...memory });
    }
  }

  async #interrupt(): Promise<void> {
    this.#isInterrupted = true;
    for (const opened of await Promise.allSettled(this.#environments.values())) {
      if (opened.status === 'fulfilled') opened.value.cold.abort();
    }
  }

  async #close(): Promise<void> {
    const opened = await Promise.allSettled(this.#environments.values());
    await Promise.allSettled(opened.map((one) => (one.status === 'fulfilled' ? one.value.dispose() : undefined)));
    await this.#client?.close();
    this.#options.exit();
  }

  #send(message: FromChild): void {
    this.#options.send(encodeCrossing(message));
  }
}

function failed(error: unknown): PoolRun {
  return { outcome: { kind: 'failed', error }, outbox: NOTHING_SENT };
}
