/** Which exchanges are known to be there, and to which queues delayed messages find their way. */
import { CellarError } from '../../errors.ts';
import { type Refusal, refusal } from '../plan-publish.ts';
import type { RabbitmqConnection } from './connection.ts';
import { bindDelayed, declareDeadLetters, declareDelays } from './declare.ts';
import { isGone } from './faults.ts';
import type { RawPlan } from './plan-raw.ts';
import { unknownExchange, unknownQueue } from './refusals.ts';

const ANSWER_WITHIN_MS = 10_000;

type Planned = RawPlan | Refusal;

export class Places {
  readonly #connection: RabbitmqConnection;
  readonly #exchanges = new Set<string>();
  /** Each resolves when delayed messages come to that queue. */
  readonly #delayed = new Map<string, Promise<void>>();
  readonly #dead = new Map<string, Promise<void>>();
  #delays: Promise<void> | undefined;

  constructor(connection: RabbitmqConnection) {
    this.#connection = connection;
  }

  know(exchange: string): void {
    this.#exchanges.add(exchange);
  }

  /** The server does not have it any more, and perhaps nothing else. */
  forget(exchange: string): void {
    this.#exchanges.delete(exchange);
    this.#delayed.clear();
    this.#dead.clear();
    this.#delays = undefined;
  }

  /** Looks up and makes what the messages need; those for which that fails are refused. Nothing, most of the time. */
  async ready(plans: readonly Planned[]): Promise<readonly Planned[]> {
    const isReady = (plan: Planned): boolean =>
      'status' in plan ||
      (plan.exchange === undefined && plan.delayedFor === undefined) ||
      this.#exchanges.has(plan.exchange ?? '');
    if (plans.every(isReady)) return plans;
    return await Promise.all(
      plans.map(async (plan) => ('status' in plan ? plan : ((await this.#refusal(plan)) ?? plan))),
    );
  }

  /** Makes the dead-letter queue of a queue that this program did not declare. */
  async readyForDead(queue: string): Promise<void> {
    await remember(this.#dead, queue, () => declareDeadLetters(this.#connection, queue));
  }

  async #refusal({ exchange, delayedFor }: RawPlan): Promise<Refusal | undefined> {
    try {
      if (exchange !== undefined) await this.#lookUp(exchange);
      if (delayedFor !== undefined) await this.#readyForDelayed(delayedFor);
      return undefined;
    } catch (error) {
      if (isGone(error)) return exchange === undefined ? unknownQueue(delayedFor ?? '') : unknownExchange(exchange);
      if (error instanceof CellarError && error.code === 'closed') throw error;
      const cause = error instanceof CellarError ? error : this.#connection.unavailable(error);
      return refusal('broker-unavailable', cause.message);
    }
  }

  async #lookUp(exchange: string): Promise<void> {
    if (this.#exchanges.has(exchange)) return;
    await this.#connection.use((channel) => channel.checkExchange(exchange), ANSWER_WITHIN_MS);
    this.know(exchange);
  }

  async #readyForDelayed(queue: string): Promise<void> {
    this.#delays ??= declareDelays(this.#connection);
    const delays = this.#delays;
    try {
      await delays;
    } catch (error) {
      if (this.#delays === delays) this.#delays = undefined;
      throw error;
    }
    await remember(this.#delayed, queue, () => bindDelayed(this.#connection, queue));
  }
}

/** Does it once for each name, unless it fails. */
async function remember(done: Map<string, Promise<void>>, name: string, work: () => Promise<void>): Promise<void> {
  const promise = done.get(name) ?? work();
  done.set(name, promise);
  try {
    await promise;
  } catch (error) {
    if (done.get(name) === promise) done.delete(name);
    throw error;
  }
}
