/** What `node:sqlite` does by itself on this machine, as the measure of the rest: inserts, then claim + delete, no task run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BATCH } from './scenario.ts';

const MESSAGES = 100_000;
const CLAIM = 128;

const folder = mkdtempSync(join(tmpdir(), 'cellar-bench-bare-'));
const database = new DatabaseSync(join(folder, 'bare.db'));
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE messages (id INTEGER PRIMARY KEY, queue INTEGER, state INTEGER, body TEXT);
  CREATE INDEX ready ON messages (queue) WHERE state = 0`);
const insert = database.prepare('INSERT INTO messages (queue, state, body) VALUES (1, 0, ?)');
const claim = database.prepare(
  `UPDATE messages SET state = 1 WHERE id IN (SELECT id FROM messages WHERE queue = 1 AND state = 0 ORDER BY id LIMIT ${CLAIM}) RETURNING id, body`,
);
const remove = database.prepare('DELETE FROM messages WHERE id = ?');
const body = 'x'.repeat(600);

function inTransaction<T>(work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  const value = work();
  database.exec('COMMIT');
  return value;
}

function perSecond(work: () => void): number {
  const started = performance.now();
  work();
  return (MESSAGES / (performance.now() - started)) * 1000;
}

const inserted = perSecond(() => {
  for (let done = 0; done < MESSAGES; done += BATCH) {
    inTransaction(() => {
      for (let row = 0; row < BATCH; row++) insert.run(body);
    });
  }
});
const taken = perSecond(() => {
  for (let done = 0; done < MESSAGES; ) {
    const rows = inTransaction(() => claim.all());
    inTransaction(() => {
      for (const { id } of rows) remove.run(id ?? null);
    });
    done += rows.length;
  }
});
database.close();
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify({ inserted, taken })}\n`);
