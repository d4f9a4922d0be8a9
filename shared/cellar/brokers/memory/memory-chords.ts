import { CHORD_KEPT_MS, type ChordPart, type ChordStore } from '../../chord-store.ts';
import type { Clock } from '../../clock.ts';

interface Chord {
  readonly size: number;
  /** By place. */
  readonly ended: Map<number, ChordPart>;
  readonly untilMs: number;
}

export function memoryChords(clock: Clock): ChordStore {
  const chords = new Map<string, Chord>();

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
      if (!chords.has(chordId)) chords.set(chordId, { size, ended: new Map(), untilMs: clock.now() + CHORD_KEPT_MS });
    },
    async ended(chordId, part) {
      dropOld();
      const chord = chords.get(chordId);
      if (chord === undefined) return { kind: 'unknown' };
      // As results have it: what succeeded stays so.
      if (chord.ended.get(part.index)?.state !== 'SUCCESS') chord.ended.set(part.index, part);
      if (chord.ended.size < chord.size) return { kind: 'pending' };
      return { kind: 'complete', parts: [...chord.ended.values()].toSorted((a, b) => a.index - b.index) };
    },
    async forget(chordId) {
      chords.delete(chordId);
    },
  };
}
