/** Makes the messages of what a client sends: ids, defaults and checks, before anything is published. */
import type { OutgoingMessage } from './broker.ts';
import type { Runtime } from './clock.ts';
import { CellarError } from './errors.ts';
import { derivedId } from './ids.ts';
import { nearest } from './nearest.ts';
import { attemptKey, checkOptions, type Lineage, outgoingMessage } from './outgoing.ts';
import type { SendOptions, Signature, SignatureData } from './signature.ts';
import { throughExchange } from './through-exchange.ts';
import type { Topology } from './topology.ts';

export interface Published {
  /** Id of the message; each queue's copy has its own, in `copies`. */
  readonly id: string;
  /** The queues that it matched, by the topology. */
  readonly queues: readonly string[];
  /** Queue → id of its copy. */
  readonly copies: Readonly<Record<string, string>>;
}

/** Options of a publication: routing is decided when it is published, so it cannot be delayed. */
export interface PublishOptions extends Omit<SendOptions, 'queue' | 'countdown' | 'eta'> {
  /** Throw `unroutable` when no queue matches. @default false */
  readonly mandatory?: boolean;
}

/** A task to be published to an exchange. */
export interface Publication {
  readonly exchange: string;
  readonly routingKey: string;
  readonly signature: Signature<unknown>;
  readonly options: PublishOptions;
}

export interface ComposerParts {
  readonly topology: Topology;
  readonly runtime: Runtime;
  /** The header `origin` of every message. */
  readonly originName: string;
  /** Where this process hears of results, on a store that sends them as messages. */
  readonly replyTo?: string | undefined;
}

/** Each method throws CellarError `bad-arguments`, `bad-value` or `unknown-queue` for what cannot be sent. */
export class Composer {
  readonly #parts: ComposerParts;

  /** Where this process hears of results. */
  get replyTo(): string | undefined {
    return this.#parts.replyTo;
  }

  constructor(parts: ComposerParts) {
    this.#parts = parts;
  }

  message(signature: SignatureData, options?: SendOptions, place?: Omit<Lineage, 'id'>): OutgoingMessage {
    const merged = options === undefined ? signature : { ...signature, options: { ...signature.options, ...options } };
    this.#checkQueue(signature.task, merged.options.queue);
    const { runtime, originName, replyTo } = this.#parts;
    const { taskId } = merged.options;
    const id = taskId ?? runtime.newId();
    const deduplicationId = taskId === undefined ? undefined : attemptKey(taskId, 0, 0);
    return outgoingMessage(
      merged,
      { id, deduplicationId, ...place },
      { nowMs: runtime.clock.now(), name: originName, replyTo },
    );
  }

  messages(signatures: readonly SignatureData[], options?: SendOptions): readonly OutgoingMessage[] {
    checkShared(signatures.length, options);
    return signatures.map((signature) => this.message(signature, options));
  }

  /** @throws CellarError also `unknown-exchange`, `unroutable` */
  publication(asked: Publication): { readonly message: OutgoingMessage; readonly published: Published } {
    const { exchange, routingKey, signature } = asked;
    const { mandatory = false, ...sendOptions } = asked.options;
    const { topology } = this.#parts;
    const queue = exchange === '' ? routingKey : signature.options.queue;
    const direct = this.message(signature, { ...sendOptions, queue });
    const { message, queues } = throughExchange(direct, { exchange, routingKey, mandatory }, topology);
    if (mandatory && queues.length === 0) {
      throw new CellarError(
        'unroutable',
        `no queue matches the routing key ${JSON.stringify(routingKey)} on the exchange ${exchange}`,
      );
    }
    const id = message.correlationId;
    const copies = Object.fromEntries(queues.map((name) => [name, exchange === '' ? id : derivedId(id, name)]));
    return { message, published: { id, queues, copies } };
  }

  /** Of a task that is sent later, by who runs the one before it. */
  check({ task, options }: SignatureData): void {
    this.#checkQueue(task, options.queue);
    checkOptions(task, options, this.#parts.runtime.clock.now());
  }

  #checkQueue(task: string, queue: string): void {
    const { queues } = this.#parts.topology;
    if (queues[queue] !== undefined) return;
    const near = nearest(queue, Object.keys(queues));
    const hint = near === undefined ? `allowed: ${Object.keys(queues).join(', ')}` : `did you mean ${near}?`;
    throw new CellarError(
      'unknown-queue',
      `task ${task} goes to the queue ${queue}, which the topology does not declare, ${hint}`,
    );
  }
}

/** @throws CellarError `bad-arguments` for an option that only one task can have: the others would be taken for its repetitions */
export function checkShared(count: number, options: SendOptions = {}): void {
  if (count <= 1) return;
  const single = (['taskId', 'deduplicationId'] as const).filter((name) => options[name] !== undefined);
  if (single.length === 0) return;
  throw new CellarError('bad-arguments', `${single.join(' and ')} is given for ${count} tasks, allowed: for one`);
}
