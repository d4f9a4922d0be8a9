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
 * One poll waits for all calls; while answers are full there is a backlog, and as many polls go side by side as the
 * calls can take, each asking for no more than is still wanted. A poll is not cut off when its calls end: what it
 * brings goes to the next call, or back to the queue at once.
 */
export class QueueReceiver {
  readonly #parts: QueueReceiverParts;
  readonly #waiters = new Set<Waiter>();
  readonly #polls = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  /** Messages that polls under way asked for. */
  #asked = 0;
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
      this.#poll();
    });
  }

  /**
   * Ends all calls with nothing and cuts polls off. What SQS hands out in that very moment comes again after its
   * visibility timeout.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { resolve } of this.#waiters) resolve([]);
    await Promise.all(this.#polls);
  }

  async #receiveNow(maxMessages: number): Promise<readonly Delivery[]> {
    try {
      return this.#deliveries(await this.#ask(Math.min(MOST_MESSAGES, maxMessages), 0));
    } catch (error) {
      if (this.#closing.signal.aborted) return [];
      throw queueError(error, this.#parts.queue);
    }
  }

  /** Starts the polls that are wanted and not under way. */
  #poll(): void {
    let wanted = -this.#asked;
    for (const { max } of this.#waiters) wanted += max;
    while (wanted > 0 && !this.#closing.signal.aborted && (this.#polls.size === 0 || this.#hasBacklog)) {
      const count = Math.min(MOST_MESSAGES, wanted);
      wanted -= count;
      this.#asked += count;
      const poll = this.#pollOnce(count).finally(() => {
        this.#polls.delete(poll);
        this.#poll();
      });
      this.#polls.add(poll);
    }
  }

  async #pollOnce(count: number): Promise<void> {
    const messages = await this.#ask(count, this.#waitSeconds()).catch((error: unknown) => {
      for (const { reject } of this.#waiters) reject(queueError(error, this.#parts.queue));
      return [];
    });
    this.#asked -= count;
    this.#hasBacklog = messages.length === count;
    await this.#serve(messages);
  }

  /** Beside another poll one need not wait: it is there for a backlog. */
  #waitSeconds(): number {
    if (this.#polls.size > 0) return 1;
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
    const visibleAtMs = runtime.clock.now() + visibilitySeconds * 1000;
    return messages.map((message) => deliveryOf(message, { queue, visibleAtMs }));
  }
}
