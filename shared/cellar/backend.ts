/** What one broker URL opens: a broker, its administration, and where it has them a result store, schedule store and transactions. */
import type { DatabaseSync } from 'node:sqlite';
import type { Broker, BrokerAdmin, OutgoingMessage } from './broker.ts';
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

export interface Backend {
  readonly broker: Broker;
  readonly admin: BrokerAdmin;
  readonly results: ResultStore;
  readonly schedules: ScheduleStore;
  /** Absent where the broker is not a database that the application can share. */
  readonly transaction?: RunTransaction;
}
