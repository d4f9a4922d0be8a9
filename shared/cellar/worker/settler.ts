/** Settles what ends: everything of one turn of the event loop in one call to the broker. */
import type { Broker, Delivery, Settlement, SettleOutcome } from '../broker.ts';
import { describeError } from '../exception.ts';
import type { WorkerEnvironment } from './execution.ts';
import { forgetChords } from './forget-chords.ts';
import { unclaimRuns } from './once.ts';

export class Settler {
  readonly #broker: Broker;
  readonly #environment: WorkerEnvironment;
  readonly #turned: () => void;
  #settlements: Settlement[] = [];
  #isScheduled = false;
  #calls: Promise<void> = Promise.resolve();

  /** `turned` is called after each turn in which something ended. */
  constructor(broker: Broker, environment: WorkerEnvironment, turned: () => void) {
    this.#broker = broker;
    this.#environment = environment;
    this.#turned = turned;
  }

  add(settlement: Settlement): void {
    this.#settlements.push(settlement);
    this.turn();
  }

  /** Gives deliveries back at once, in order. */
  giveBack(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      this.add({ delivery, publish: [], disposition: { kind: 'release', delaySeconds: 0 } });
    }
  }

  /** Resolves when all that was added so far has been answered. */
  async flushed(): Promise<void> {
    await this.#flush();
    await this.#calls;
  }

  /** Calls `turned` after this turn, even if nothing is to be settled. */
  turn(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#flush();
      this.#turned();
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#settlements;
    if (batch.length === 0) return;
    this.#settlements = [];
    const call = this.#settle(batch);
    this.#calls = Promise.all([this.#calls, call]).then(() => undefined);
    await call;
  }

  /** Never rejects: what is not settled comes again. */
  async #settle(batch: readonly Settlement[]): Promise<void> {
    const { log, queue } = this.#environment;
    let outcomes: readonly SettleOutcome[];
    try {
      outcomes = await this.#broker.settle(batch);
    } catch (error) {
      outcomes = batch.map(() => ({ status: 'failed', reason: describeError(error) }));
    }
    const unsettled: Delivery[] = [];
    for (const [index, { delivery, completes }] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status === 'settled') {
        if (completes !== undefined) await forgetChords(completes, this.#environment);
        continue;
      }
      unsettled.push(delivery);
      const why = outcome?.status === 'failed' ? outcome.reason : 'its visibility timeout had run out';
      log.warn(`not settled: ${why}; the message comes again`, { queue, id: delivery.message.correlationId });
    }
    await unclaimRuns(unsettled, this.#environment);
  }
}
