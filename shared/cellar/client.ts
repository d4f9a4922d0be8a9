/** The client: sends signatures, publishes to exchanges, reads results. No global app; a program opens one. */
import type { DatabaseSync } from 'node:sqlite';
import { loadLater } from '#later';
import type { Backend } from './backend.ts';
import type { BrokerAdmin, OutgoingMessage, PeekedMessage, WireMessage } from './broker.ts';
import { type Chain, type Chord, type Group, isCanvas, type Sendable, withOptions } from './canvas.ts';
import type { Runtime } from './clock.ts';
import { Composer, type Published, type PublishOptions } from './composer.ts';
import { CellarError } from './errors.ts';
import type { Logger } from './log.ts';
import { decodeMessage } from './message.ts';
import { type MessageWriter, messageWriter } from './message-writer.ts';
import { originName } from './origin-name.ts';
import { prepareMessages } from './prepare-messages.ts';
import { type Accepted, acceptedOf } from './publish-outcome.ts';
import type { ResultStore } from './result-store.ts';
import type { Settings } from './settings.ts';
import type { SendOptions, Signature } from './signature.ts';
import {
  type Sent,
  type SentChord,
  type SentGroup,
  type SentTask,
  type TaskResult,
  taskResult,
} from './task-result.ts';
import type { Topology } from './topology.ts';
import type { RunningWorker } from './worker/start-worker.ts';

export interface ClientTransaction extends MessageWriter {
  /** The broker's SQLite file; to be used inside the callback only. Table names must not begin with `cellar_`. */
  readonly database: DatabaseSync;
}

export interface ClientParts {
  readonly settings: Settings;
  readonly topology: Topology;
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly backend: Backend;
  /** Closes the backend with the client. */
  readonly ownsBackend: boolean;
}

/** A client of one application: what `Cellar.open` opens. */
export class Client {
  readonly settings: Settings;
  readonly topology: Topology;
  readonly log: Logger;
  readonly runtime: Runtime;
  readonly backend: Backend;
  readonly #ownsBackend: boolean;
  readonly #originName = originName();
  readonly #composer: Composer;
  readonly #workers: RunningWorker[] = [];
  #closing: Promise<void> | undefined;
  #isClosed = false;

  constructor({ settings, topology, runtime, log, backend, ownsBackend }: ClientParts) {
    this.settings = settings;
    this.topology = topology;
    this.runtime = runtime;
    this.log = log;
    this.backend = backend;
    this.#ownsBackend = ownsBackend;
    const { replyTo } = backend.results;
    this.#composer = new Composer({ topology, runtime, originName: this.#originName, replyTo });
  }

  get admin(): BrokerAdmin {
    return this.backend.admin;
  }

  get results(): ResultStore {
    return this.backend.results;
  }

  /** What this client names itself in the header `origin`. */
  get originName(): string {
    return this.#originName;
  }

  /**
   * Sends a task or a workflow. When it resolves, a crash of this process no longer loses it.
   * @throws CellarError `bad-arguments`, `bad-value`, `unknown-queue`, `message-too-large`, `not-supported`, `broker-unavailable`
   */
  send<Result>(work: Group<Result>, options?: SendOptions): Promise<SentGroup<Result>>;
  send<Result>(work: Chord<Result>, options?: SendOptions): Promise<SentChord<Result>>;
  send<Result>(work: Signature<Result> | Chain<Result>, options?: SendOptions): Promise<SentTask<Result>>;
  async send(work: Sendable<unknown>, options?: SendOptions): Promise<Sent> {
    if (!isCanvas(work)) return this.#sent((await this.#publishAll([this.#composer.message(work, options)]))[0]);
    const { sendCanvas } = await loadLater();
    return await sendCanvas(options === undefined ? work : withOptions(work, options), {
      composer: this.#composer,
      backend: this.backend,
      newId: this.runtime.newId,
      publish: (messages) => this.#publishAll(messages),
    });
  }

  /**
   * Sends many tasks in one call, in order: as `send` each, but one write for many.
   * @throws CellarError as `send`; where the broker refused one, others of the call may have been sent
   */
  async sendAll<Result>(
    signatures: readonly Signature<Result>[],
    options?: SendOptions,
  ): Promise<readonly SentTask<Result>[]> {
    const sent = await this.#publishAll(this.#composer.messages(signatures, options));
    return sent.map((one) => this.#sent<Result>(one));
  }

  /**
   * Publishes a task to an exchange: every queue that matches gets a copy with an id and a result of its own.
   * @throws CellarError as `send`, and `unknown-exchange`, `unroutable`
   */
  async publish(
    exchange: string,
    routingKey: string,
    signature: Signature<unknown>,
    options: PublishOptions = {},
  ): Promise<Published> {
    const { message, published } = this.#composer.publication({ exchange, routingKey, signature, options });
    await this.#publishAll([message]);
    return published;
  }

  /** The result of a task by its id. */
  result<Result = unknown>(id: string): TaskResult<Result> {
    return taskResult<Result>(this.results, id);
  }

  /**
   * Drops a task that has not started. One that waits for its time is deleted and is REVOKED at once; one that waits in
   * its queue is not run, and is REVOKED when a worker meets it. Where workers can be told, they are, Celery's too: with
   * results as messages nothing else says it.
   */
  async revoke(id: string): Promise<void> {
    this.#checkOpen();
    await this.results.revoke([id]);
    if (this.backend.control !== undefined) await (await loadLater()).tellNodes(this, 'revoke', { task_id: id });
    const deleted = await this.admin.cancelDelayed(id);
    if (deleted === undefined) return;
    await this.results.store([(await loadLater()).revokedUpdate(id, deleted, this.runtime.clock.now())]);
    // A worker that meets it at once ends the rest of its workflow with it.
    if (standsInWorkflow(deleted.message)) await this.#publishAll([undelayed(deleted)]);
  }

  /**
   * Writes of the application and sends in one commit: after a crash both are there, or neither.
   *
   * `work` runs synchronously in a write transaction of the broker's SQLite file; keep it short.
   * @throws CellarError `not-supported` on a broker that is not the application's database
   */
  async transaction<T>(work: (transaction: ClientTransaction) => T): Promise<T> {
    this.#checkOpen();
    const { transaction } = this.backend;
    if (transaction === undefined) {
      throw new CellarError(
        'not-supported',
        `the broker ${schemeOf(this.settings.brokerUrl)} has no transactions, allowed: embedded:`,
      );
    }
    return transaction(({ database, publish }) =>
      work({ database, ...messageWriter(this.#composer, (message) => publish([message])) }),
    );
  }

  /**
   * Composes messages without publishing them, so that an application stores them beside its own rows, in one
   * transaction of its own database, and publishes them afterwards with {@link publishPrepared}: an outbox.
   * They are JSON values. Each has a deduplication id, so that publishing one again within the window has no effect.
   * @throws CellarError as `send` and `publish`, for what the broker could not carry
   */
  prepare(compose: (writer: MessageWriter) => void): readonly OutgoingMessage[] {
    const { capabilities } = this.backend.broker;
    return prepareMessages({ composer: this.#composer, capabilities, nowMs: this.runtime.clock.now() }, compose);
  }

  /**
   * Publishes what `prepare` composed, in order.
   * @throws CellarError with the broker's code when it refused one: others of the call may have been published
   */
  async publishPrepared(messages: readonly OutgoingMessage[]): Promise<void> {
    await this.#publishAll(messages);
  }

  /** Stops this worker when the client closes. */
  adopt(worker: RunningWorker): void {
    this.#workers.push(worker);
  }

  /** Stops the workers warmly, then closes broker and store. A second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const stopped = await Promise.allSettled(this.#workers.map((worker) => worker.stop()));
    this.#isClosed = true; // not before: what still runs may send
    if (this.#ownsBackend) {
      await this.backend.broker.close();
      await this.backend.results.close();
    }
    const failed = stopped.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new CellarError('closed', 'the client is closed');
  }

  async #publishAll(messages: readonly OutgoingMessage[]): Promise<readonly Accepted[]> {
    this.#checkOpen();
    const outcomes = await this.backend.broker.publish(messages);
    return messages.map((message, index) => acceptedOf(message, outcomes[index]));
  }

  #sent<Result>(accepted: Accepted | undefined): SentTask<Result> {
    const { id, isNew } = accepted ?? { id: '', isNew: false };
    return { ...taskResult<Result>(this.results, id), accepted: isNew };
  }
}

/** Whether others wait for this task: its chord, or the steps behind it in its chain. */
function standsInWorkflow(message: WireMessage): boolean {
  const decoded = decodeMessage(message);
  return decoded.ok && (decoded.message.embed.chord ?? decoded.message.embed.chain) !== null;
}

function undelayed({ message, messageGroup, queue }: PeekedMessage): OutgoingMessage {
  return {
    ...message,
    exchange: '',
    routingKey: queue,
    ...(messageGroup === undefined ? undefined : { messageGroup }),
  };
}

function schemeOf(url: string): string {
  return `${url.split(':', 1)[0]}:`;
}
