/**
 * The counting of a chord's parts (Celery's header tasks): whoever ends the last part sends the body. A set, not a number:
 * a part that ends twice, because its message came twice, counts once.
 */

import { CellarError } from './errors.ts';

/** A chord whose parts are sent next. */
export interface ChordToOpen {
  readonly id: string;
  readonly size: number;
}

/** A part that has ended, as its body needs it. */
export interface ChordPart {
  /** Its place in the header, from 0. */
  readonly index: number;
  readonly taskId: string;
  /** A ready state. */
  readonly state: string;
  /** Encoded JSON: its return value, or its exception. */
  readonly result: string;
}

/** What there is to do after a part has ended. */
export type ChordProgress =
  /** Others are still pending. */
  | { readonly kind: 'pending' }
  /**
   * All parts have ended, here in the order of the header: send the body, under an id that is always the same. Said again
   * to each repetition, until the chord is forgotten.
   */
  | { readonly kind: 'complete'; readonly parts: readonly ChordPart[] }
  /** No chord of that id, or its time is over, or it was forgotten because its body was sent. */
  | { readonly kind: 'unknown' };

export interface ChordStore {
  /**
   * Opens a chord whose parts are numbered from 0, all pending; before its parts are sent. Opened again, it stays as it is.
   * Callable concurrently. Kept for 30 days: longer than any queue keeps a part.
   */
  open(chordId: string, size: number): Promise<void>;
  /**
   * Notes that a part has ended. Its result is stored already (`ResultStore.store`), so that a store need not keep it
   * twice. Callable concurrently; of the last parts that end at once, one or more hear `complete`.
   */
  ended(chordId: string, part: ChordPart): Promise<ChordProgress>;
  /** Its body was sent. An unknown one is no fault. */
  forget(chordId: string): Promise<void>;
}

/** How long a chord is kept, in ms. */
export const CHORD_KEPT_MS = 30 * 86_400_000;

/**
 * Opens chords; those that are open stay as they are.
 * @throws CellarError `not-supported` where chords cannot be counted
 */
export async function openChords(store: ChordStore | undefined, chords: readonly ChordToOpen[]): Promise<void> {
  if (chords.length === 0) return;
  if (store === undefined) throw cannotCount();
  await Promise.all(chords.map(({ id, size }) => store.open(id, size)));
}

export function cannotCount(): CellarError {
  return new CellarError(
    'not-supported',
    'a chord is sent and this result store cannot count its parts, allowed: those of embedded:, memory:, sqs: and redis:',
  );
}
