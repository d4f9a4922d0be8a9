/** What a broker, or a store beside a broker, brings to the conformance suite. */
import type { Backend } from '../../shared/cellar/backend.ts';

/** Faults of emulators that tests of the suite meet. */
export type ServerGap =
  /** A copy that comes through an exchange is not deduplicated against what its queue remembers. */
  | 'copies-not-deduplicated'
  /** A receipt of an earlier delivery can be extended and settled. */
  | 'old-receipts-hold';

export interface Harness {
  readonly backend: Backend;
  /** The time by the broker's clock (ms since the epoch). */
  now(): number;
  /** Whether time passes by itself. */
  readonly isTimeReal: boolean;
  /** Lets time pass: at once where the suite drives the clock. */
  passMs(ms: number): Promise<void>;
  /** How long a receive may wait for a message that was published before; 0 where it must be there at once. */
  readonly patienceMs: number;
  /** How late a copy may be that goes through an exchange; no test waits so long for others. @default 0 */
  readonly copiesLateMs?: number;
  /** What the server beneath does otherwise than the broker promises; each is proved by a test of its own. */
  readonly gaps?: ReadonlySet<ServerGap>;
  /** The part of its messages that a test of many sends, where each costs a request that is waited for. @default 1, all */
  readonly shareOfMany?: number;
  /** Closes this backend and opens another on the same storage. */
  reopen(): Promise<Backend>;
  /** Opens a second backend on the same storage, where the broker is `shared`. */
  second?(): Promise<Backend>;
  /** Cuts every connection to its server, as a cable that is pulled and put in again; absent where there is none. */
  disrupt?(): Promise<void>;
  close(): Promise<void>;
}

export interface HarnessOptions {
  /** How long results are kept. @default 600 */
  readonly resultExpiresSeconds?: number;
  /** The clock of the machine, for tests that run workers. @default false, where the harness has a clock to move */
  readonly realTime?: boolean;
}

/** Opens an empty broker with nothing declared in it. */
export interface OpenHarness {
  (options?: HarnessOptions): Promise<Harness>;
  /** Its tests run side by side: they mostly wait. @default false, one after the other */
  readonly sideBySide?: true;
  /** Time passes by itself: what needs minutes runs in a suite of its own. @default false, the suite moves the clock */
  readonly realTime?: true;
}
