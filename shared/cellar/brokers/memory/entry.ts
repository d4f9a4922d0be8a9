import type { WireMessage } from '../../broker.ts';

/** One message of a queue. What leaves a place is not searched for there: it is skipped when it comes up. */
export interface Entry {
  readonly seq: number;
  readonly message: WireMessage;
  readonly messageGroup: string | undefined;
  place: 'ready' | 'blocked' | 'inFlight' | 'delayed' | 'gone';
  /** Whether it has its place in its group: a released message keeps it, a delayed one has none yet. */
  arrived: boolean;
  enqueuedAtMs: number;
  deliveries: number;
  receipt: string;
  /** When the receipt runs out or the delay ends. */
  untilMs: number;
}

export interface DeadEntry {
  readonly entry: Entry;
  readonly reason: string;
  readonly diedAtMs: number;
}
