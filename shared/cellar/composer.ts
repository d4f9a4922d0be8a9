/** Makes the messages of what a client sends: ids, defaults and checks, before anything is published. */
import type { OutgoingMessage } from './broker.ts';
import type { Chain, Group } from './canvas.ts';
import { toWireSignature } from './celery/wire-signature.ts';
import type { Runtime } from './clock.ts';
import { CellarError } from './errors.ts';
import { derivedId } from './ids.ts';
import { nearest } from './nearest.ts';
import { attemptKey, type Lineage, outgoingMessage } from './outgoing.ts';
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

  /** The message of the first step, which carries the others, and the id of the last. */
  chain<Result>({ steps }: Chain<Result>, options: SendOptions = {}): { message: OutgoingMessage; lastId: string } {
    const [first, ...rest] = steps;
    if (first === undefined)
      throw new CellarError('bad-arguments', 'the chain is empty, allowed: one signature or more');
    const ids = steps.map((step) => step.options.taskId ?? this.#parts.runtime.newId());
    // As in Celery, the id asked for is that of the last task.
    const { taskId: lastId = ids.at(-1) ?? '', ...forFirst } = options;
    ids[ids.length - 1] = lastId;
    const wires = rest.map((step, index) => {
      this.#checkQueue(step.task, step.options.queue);
      return toWireSignature(this.#heardHere(step), ids[index + 1]);
    });
    const place = { chain: wires.length === 0 ? null : wires.reverse() };
    return { message: this.message(first, { ...forFirst, taskId: ids[0] ?? '' }, place), lastId };
  }

  group<Result>({ members }: Group<Result>, options?: SendOptions): { messages: OutgoingMessage[]; groupId: string } {
    checkShared(members.length, options);
    const groupId = this.#parts.runtime.newId();
    const messages = members.map((member, groupIndex) => this.message(member, options, { groupId, groupIndex }));
    return { messages, groupId };
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

  /** As Celery freezes a signature: the caller hears of each step, whoever sends it. */
  #heardHere<Part extends SignatureData>(step: Part): Part {
    const { replyTo } = this.#parts;
    return replyTo === undefined ? step : { ...step, options: { replyTo, ...step.options } };
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
function checkShared(count: number, options: SendOptions = {}): void {
  if (count <= 1) return;
  const single = (['taskId', 'deduplicationId'] as const).filter((name) => options[name] !== undefined);
  if (single.length === 0) return;
  throw new CellarError('bad-arguments', `${single.join(' and ')} is given for ${count} tasks, allowed: for one`);
}
