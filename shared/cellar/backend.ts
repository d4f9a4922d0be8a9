/** What one broker URL opens: a broker, its administration, and where it has them a result store, schedule store and transactions. */
import type { DatabaseSync } from 'node:sqlite';
import type { Broker, BrokerAdmin, Delivery, OutgoingMessage } from './broker.ts';
import type { ChordStore } from './chord-store.ts';
import type { ControlBus } from './control-bus.ts';
import type { ResultStore, ScheduleStore } from './result-store.ts';

/**
 * Runs application writes and publishes as one: both are there after a crash, or neither.
 *
 * `work` runs synchronously inside a write transaction of the broker's own SQLite file and may use `database`
 * for tables of the application (their names must not begin with `cellar_`). What it throws rolls back its own
 * writes only, and rejects its promise; several calls share one commit. It must be quick: the lock is held.
 */
export type RunTransaction = <T>(work: (transaction: BackendTransaction) => T) => Promise<T>;

export interface BackendTransaction {
  readonly database: DatabaseSync;
  /** Publishes within this transaction; a refused message throws. */
  publish(messages: readonly OutgoingMessage[]): void;
}

/** Bodies that are too large to travel (a claim check): the message carries the key. Keys are not guessable. */
export interface PayloadStore {
  /** Stores a body and answers its key; kept longer than any queue keeps the message. Callable concurrently. */
  put(body: string | Uint8Array): Promise<string>;
  /** The body; `undefined` when there is none (it was deleted, or its time is over). */
  get(key: string): Promise<string | Uint8Array | undefined>;
}

/**
 * Counts the starts of messages that were delivered before, where the broker's own count is not exact (capability
 * `deliveryCount: 'every-receive'`). A first delivery is not counted, so the common case costs nothing.
 */
export interface AttemptCounter {
  /** Notes that a message delivered before is started once more; answers how often that was noted and not taken back. */
  begin(messageId: string): Promise<number>;
  /** Which of these have starts that were noted and not taken back. */
  unfinished(messageIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Takes one back: the start came to an outcome, even if that was to give the message back. */
  ended(messageId: string): Promise<void>;
}

export interface Backend {
  readonly broker: Broker;
  readonly admin: BrokerAdmin;
  readonly results: ResultStore;
  readonly schedules: ScheduleStore;
  /** Absent where chords cannot be counted. */
  readonly chords?: ChordStore;
  /** Events and remote control; absent where the broker has none. */
  readonly control?: ControlBus;
  /** Absent where large messages are refused. */
  readonly payloads?: PayloadStore;
  /** Absent where the broker counts exactly. */
  readonly attempts?: AttemptCounter;
  /**
   * Whether a copy that came through this exchange may be in this queue although no binding says so, because the broker's
   * filters let more through: the worker then routes once more, and drops it. Absent where copies are exact.
   */
  readonly needsRecheck?: (exchange: string, queue: string) => boolean | Promise<boolean>;
  /**
   * Takes settled deliveries off their queue at once; absent where settling does that. In a Lambda function the queue
   * waits for its return, and the end of its process would bring them again.
   * @throws CellarError `broker-unavailable`
   */
  readonly acknowledgeNow?: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Absent where the broker is not a database that the application can share. */
  readonly transaction?: RunTransaction;
}
