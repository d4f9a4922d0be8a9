import { CHORD_KEPT_MS, type ChordStore } from '../../chord-store.ts';
import type { Clock } from '../../clock.ts';

export function memoryChords(clock: Clock): ChordStore {
  const chords = new Map<string, { readonly pending: Set<number>; readonly untilMs: number }>();

  /** The oldest stand first. */
  function dropOld(): void {
    for (const [id, { untilMs }] of chords) {
      if (untilMs > clock.now()) return;
      chords.delete(id);
    }
  }

  return {
    async open(chordId, size) {
      dropOld();
      if (chords.has(chordId)) return;
      const pending = new Set(Array.from({ length: size }, (_, part) => part));
      chords.set(chordId, { pending, untilMs: clock.now() + CHORD_KEPT_MS });
    },
    async ended(chordId, part) {
      dropOld();
      const chord = chords.get(chordId);
      if (chord === undefined) return 'unknown';
      chord.pending.delete(part);
      return chord.pending.size === 0 ? 'complete' : 'pending';
    },
  };
}
