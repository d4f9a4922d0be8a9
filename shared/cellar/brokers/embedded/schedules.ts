import type { ScheduleStore } from '../../result-store.ts';
import type { EmbeddedFile } from './embedded-file.ts';

/** What beat remembers, in the file. */
export function openSchedules({ database, read, write }: EmbeddedFile): ScheduleStore {
  const selectAll = database.prepare('SELECT name, fired_at FROM cellar_schedules');
  const select = database.prepare('SELECT fired_at FROM cellar_schedules WHERE name = ?');
  const put = database.prepare('INSERT OR REPLACE INTO cellar_schedules (name, fired_at) VALUES (?, ?)');
  return {
    lastFired: () => read(() => new Map(selectAll.all().map((row) => [String(row['name']), Number(row['fired_at'])]))),
    advance: (name, expectedMs, firedMs) =>
      write(() => {
        const stored = select.get(name)?.['fired_at'];
        if ((stored === undefined ? undefined : Number(stored)) !== expectedMs) return false;
        put.run(name, firedMs);
        return true;
      }),
  };
}
