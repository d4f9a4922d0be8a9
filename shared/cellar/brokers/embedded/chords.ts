import { CHORD_KEPT_MS, type ChordPart, type ChordProgress, type ChordStore } from '../../chord-store.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import { storeFault } from './results.ts';

/** Chords and their parts, in the file. */
export function openChords({ database, write, runtime: { clock } }: EmbeddedFile): ChordStore {
  const put = database.prepare('INSERT OR IGNORE INTO cellar_chords (id, pending, until) VALUES (?, ?, ?)');
  const select = database.prepare('SELECT pending FROM cellar_chords WHERE id = ? AND until > ?');
  const countDown = database.prepare('UPDATE cellar_chords SET pending = pending - 1 WHERE id = ?');
  const remove = database.prepare('DELETE FROM cellar_chords WHERE id = ?');
  const removeOld = database.prepare('DELETE FROM cellar_chords WHERE until <= ?');
  const putPart = database.prepare(
    'INSERT OR IGNORE INTO cellar_chord_parts (chord, place, task_id, state, result) VALUES (?, ?, ?, ?, ?)',
  );
  // As results have it: what succeeded stays so.
  const replacePart = database.prepare(`
    UPDATE cellar_chord_parts SET task_id = ?, state = ?, result = ?
    WHERE chord = ? AND place = ? AND state <> 'SUCCESS'`);
  const selectParts = database.prepare(
    'SELECT place, task_id, state, result FROM cellar_chord_parts WHERE chord = ? ORDER BY place',
  );
  const removeParts = database.prepare('DELETE FROM cellar_chord_parts WHERE chord = ?');
  const removeOldParts = database.prepare(
    'DELETE FROM cellar_chord_parts WHERE chord IN (SELECT id FROM cellar_chords WHERE until <= ?)',
  );

  /** How many parts of a chord have not ended; `undefined` = there is no such chord. */
  function pendingOf(chordId: string): number | undefined {
    const pending = select.get(chordId, clock.now())?.['pending'];
    return pending === undefined ? undefined : Number(pending);
  }

  function storePart(chordId: string, { index, taskId, state, result }: ChordPart): void {
    if (putPart.run(chordId, index, taskId, state, result).changes === 1) countDown.run(chordId);
    else replacePart.run(taskId, state, result, chordId, index);
  }

  function partsOf(chordId: string): readonly ChordPart[] {
    return selectParts.all(chordId).map((row) => ({
      index: Number(row['place']),
      taskId: String(row['task_id']),
      state: String(row['state']),
      result: String(row['result']),
    }));
  }

  return {
    open: (chordId, size) =>
      write(() => {
        removeOldParts.run(clock.now());
        removeOld.run(clock.now());
        put.run(chordId, size, clock.now() + CHORD_KEPT_MS);
      }).catch(storeFault),
    async ended(chordId, part) {
      return await write((): ChordProgress => {
        if (pendingOf(chordId) === undefined) return { kind: 'unknown' };
        storePart(chordId, part);
        return pendingOf(chordId) === 0 ? { kind: 'complete', parts: partsOf(chordId) } : { kind: 'pending' };
      }).catch(storeFault);
    },
    forget: (chordId) =>
      write(() => {
        removeParts.run(chordId);
        remove.run(chordId);
      }).catch(storeFault),
  };
}
