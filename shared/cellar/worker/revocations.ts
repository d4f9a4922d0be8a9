/** Which of the deliveries that a loop holds are revoked, as the result store says. */
import type { Delivery } from '../broker.ts';
import { describeError } from '../exception.ts';
import { taskIdOf, type WorkerEnvironment } from './execution.ts';

export class Revocations {
  readonly #environment: WorkerEnvironment;
  readonly #ids = new Set<string>();

  constructor(environment: WorkerEnvironment) {
    this.#environment = environment;
  }

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** @throws CellarError `store-unavailable` */
  async ask(deliveries: readonly Delivery[]): Promise<void> {
    const { results } = this.#environment;
    for (const id of await results.revoked(deliveries.map(taskIdOf))) this.#ids.add(id);
  }

  /** One that waited here for its turn may have been revoked since it came. Never rejects. */
  async askAgain(delivery: Delivery): Promise<void> {
    try {
      await this.ask([delivery]);
    } catch (error) {
      const { log, queue } = this.#environment;
      log.warn(`cannot ask whether a task was revoked since it came: ${describeError(error)}`, { queue });
    }
  }

  /** It is not held any more. */
  forget(delivery: Delivery): void {
    if (this.#ids.size > 0) this.#ids.delete(taskIdOf(delivery));
  }
}
