/**
 * The counting of a chord's parts (Celery's header tasks): whoever ends the last part sends the body. A set of what is
 * pending, not a number: a part that ends twice, because its message came twice, counts once.
 */

/** What there is to do after a part has ended. */
export type ChordState =
  /** Others are still pending. */
  | 'pending'
  /** All parts have ended: send the body, under an id derived from the chord's. Said again to each repetition. */
  | 'complete'
  /** No chord of that id, or its time is over. */
  | 'unknown';

export interface ChordStore {
  /**
   * Opens a chord whose parts are numbered from 0, all pending; before its parts are sent. Opened again, it stays as it is.
   * Callable concurrently. Kept for 30 days: longer than any queue keeps a part.
   */
  open(chordId: string, size: number): Promise<void>;
  /** Notes that a part has ended. Callable concurrently; of the last parts that end at once, one or more hear `complete`. */
  ended(chordId: string, part: number): Promise<ChordState>;
}

/** How long a chord is kept, in ms. */
export const CHORD_KEPT_MS = 30 * 86_400_000;
