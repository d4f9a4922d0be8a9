/** The receive calls of one queue, served by long polls that they share. */
import type { AwsCalls, SqsMessage } from '../../aws/calls.ts';
import type { Delivery, ReceiveOptions } from '../../broker.ts';
import type { Runtime } from '../../clock.ts';
import { DELIVERY_ATTRIBUTES, deliveryOf } from './delivery-of.ts';
import { queueError } from './faults.ts';
import { handOut } from './hand-out.ts';

/** As many messages as SQS gives in one answer. */
const MOST_MESSAGES = 10;
/** Longest wait of one poll (SQS API, ReceiveMessage). */
const MOST_WAIT_SECONDS = 20;

export interface QueueReceiverParts {
  readonly calls: AwsCalls;
  readonly runtime: Runtime;
  readonly queue: string;
  readonly url: string;
  readonly visibilitySeconds: number;
  /** Makes messages visible again at once; where that fails they come again in their own time. */
  readonly giveBack: (messages: readonly SqsMessage[]) => Promise<void>;
}

interface Waiter {
  readonly max: number;
  readonly untilMs: number;
  readonly resolve: (deliveries: readonly Delivery[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Goes in rounds. One long poll waits for all calls; after a full answer there is a backlog, and the next round is as
 * many polls side by side as fill the calls, ten messages each, without waiting. What a round brings is handed out
 * together, never more than was asked for. A poll is not cut off when its calls end: what it brings goes to later
 * calls, or back to the queue at once.
 */
export class QueueReceiver {
  readonly #parts: QueueReceiverParts;
  readonly #waiters = new Set<Waiter>();
  readonly #closing = new AbortController();
  #round: Promise<void> | undefined;
  #hasBacklog = false;

  constructor(parts: QueueReceiverParts) {
    this.#parts = parts;
  }

  async receive({ maxMessages, waitMs, signal }: ReceiveOptions): Promise<readonly Delivery[]> {
    if (signal?.aborted === true) return [];
    if (waitMs <= 0) return await this.#receiveNow(maxMessages);
    const { clock } = this.#parts.runtime;
    return await new Promise((resolve, reject) => {
      const end = (): void => waiter.resolve([]);
      const cancel = clock.setTimer(waitMs, end);
      const finish = (): void => {
        cancel();
        signal?.removeEventListener('abort', end);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        max: maxMessages,
        untilMs: clock.now() + waitMs,
        resolve: (deliveries) => {
          finish();
          resolve(deliveries);
        },
        reject: (error) => {
          finish();
          reject(error);
        },
      };
      signal?.addEventListener('abort', end, { once: true });
      this.#waiters.add(waiter);
      this.#nextRound();
    });
  }

  /**
   * Ends all calls with nothing and cuts polls off. What SQS hands out in that very moment comes again after its
   * visibility timeout.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { resolve } of this.#waiters) resolve([]);
    await this.#round;
  }

  async #receiveNow(maxMessages: number): Promise<readonly Delivery[]> {
    try {
      return this.#deliveries(await this.#ask(Math.min(MOST_MESSAGES, maxMessages), 0));
    } catch (error) {
      if (this.#closing.signal.aborted) return [];
      throw queueError(error, this.#parts.queue);
    }
  }

  #nextRound(): void {
    if (this.#round !== undefined || this.#waiters.size === 0 || this.#closing.signal.aborted) return;
    this.#round = this.#pollAll().then(() => {
      this.#round = undefined;
      this.#nextRound();
    });
  }

  /** Never rejects. */
  async #pollAll(): Promise<void> {
    let wanted = 0;
    for (const { max } of this.#waiters) wanted += max;
    const polls = this.#hasBacklog ? Math.max(1, Math.floor(wanted / MOST_MESSAGES)) : 1;
    const count = Math.min(MOST_MESSAGES, wanted);
    const waitSeconds = this.#hasBacklog ? 0 : this.#longestWaitSeconds();
    const answers = await Promise.allSettled(Array.from({ length: polls }, () => this.#ask(count, waitSeconds)));
    const messages = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    this.#hasBacklog = messages.length === polls * count;
    await this.#serve(messages);
    const failed = answers.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') this.#fail(failed.reason);
  }

  /** The calls that got nothing hear of the fault. */
  #fail(reason: unknown): void {
    for (const { reject } of this.#waiters) reject(queueError(reason, this.#parts.queue));
  }

  #longestWaitSeconds(): number {
    const leftMs = Math.max(...[...this.#waiters].map(({ untilMs }) => untilMs)) - this.#parts.runtime.clock.now();
    return Math.min(MOST_WAIT_SECONDS, Math.max(1, Math.ceil(leftMs / 1000)));
  }

  async #ask(count: number, waitSeconds: number): Promise<readonly SqsMessage[]> {
    const { calls, runtime, url, visibilitySeconds } = this.#parts;
    const { Messages = [] } = await calls.call(
      'sqs:ReceiveMessage',
      {
        QueueUrl: url,
        MaxNumberOfMessages: count,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: DELIVERY_ATTRIBUTES,
        // A try again after a lost answer gets the same messages, instead of finding their groups held.
        ReceiveRequestAttemptId: runtime.newId(),
      },
      { signal: this.#closing.signal },
    );
    return Messages;
  }

  async #serve(messages: readonly SqsMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const waiters = [...this.#waiters];
    const { shares, surplus } = handOut(
      messages,
      waiters.map(({ max }) => max),
    );
    for (const [index, share] of shares.entries()) {
      if (share.length > 0) waiters[index]?.resolve(this.#deliveries(share));
    }
    if (surplus.length > 0) await this.#parts.giveBack(surplus);
  }

  #deliveries(messages: readonly SqsMessage[]): readonly Delivery[] {
    const { queue, visibilitySeconds, runtime } = this.#parts;
    const receivedAtMs = runtime.clock.now();
    return messages.map((message) => deliveryOf(message, { queue, receivedAtMs, visibilitySeconds }));
  }
}
