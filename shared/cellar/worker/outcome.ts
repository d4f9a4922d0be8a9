/** How a delivery can end: expected outcomes are values, switched exhaustively. */
import type { StoredResult } from '../result-store.ts';

export type Outcome =
  | { readonly kind: 'succeeded'; readonly value: unknown }
  | { readonly kind: 'retry'; readonly error: unknown; readonly delaySeconds: number }
  /** The handler threw, timed out, or was called wrongly. */
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'revoked' }
  /** The thread or process that ran it ended before it did; `reason` is how. */
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'expired' }
  /** Its ETA has not come: delayed again. */
  | { readonly kind: 'early'; readonly etaMs: number }
  /** A task marked `once` that has run to its end before: its outcome stands. */
  | { readonly kind: 'done-before'; readonly result: StoredResult }
  /** A task marked `once` that runs elsewhere now. */
  | { readonly kind: 'running-elsewhere'; readonly untilMs: number };
