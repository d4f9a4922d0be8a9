import type { DatabaseSync } from 'node:sqlite';
import { CellarError } from '../../errors.ts';

/** The version of the tables below; raised with every change of them. */
export const SCHEMA_VERSION = 2;

/** Where a row of `cellar_messages` stands. */
export const MessageState = {
  /** Can be claimed now. */
  ready: 2,
  /** Waits for the head of its message group to leave. */
  blocked: 3,
  /** Delivered, until `visible_at`. */
  inFlight: 4,
  /** Released with a delay, until `visible_at`. */
  resting: 5,
} as const;

/**
 * Claims read `cellar_messages_ready`, which holds only what can be claimed, so that a claim costs what it takes and
 * nothing for what waits. Ids rise with arrival: the rowid of a table is the order of its queue.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS cellar_schema (version INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS cellar_queues (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, visibility_seconds INTEGER NOT NULL, max_deliveries INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS cellar_exchanges (name TEXT PRIMARY KEY, type TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS cellar_owners (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL);

  CREATE TABLE IF NOT EXISTS cellar_envelopes (
    id INTEGER PRIMARY KEY, content_type TEXT NOT NULL, content_encoding TEXT NOT NULL, headers TEXT NOT NULL,
    UNIQUE (content_type, content_encoding, headers));

  CREATE TABLE IF NOT EXISTS cellar_messages (
    id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, state INTEGER NOT NULL, claim INTEGER NOT NULL,
    visible_at INTEGER NOT NULL, deliveries INTEGER NOT NULL, enqueued_at INTEGER NOT NULL, message_group TEXT,
    envelope INTEGER NOT NULL, correlation_id TEXT NOT NULL, reply_to TEXT, headers TEXT NOT NULL, body BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS cellar_messages_ready ON cellar_messages (queue) WHERE state = 2;
  CREATE INDEX IF NOT EXISTS cellar_messages_blocked ON cellar_messages (queue) WHERE state = 3;
  CREATE INDEX IF NOT EXISTS cellar_messages_hidden ON cellar_messages (visible_at) WHERE state >= 4;
  CREATE INDEX IF NOT EXISTS cellar_messages_group ON cellar_messages (queue, message_group) WHERE message_group IS NOT NULL;

  CREATE TABLE IF NOT EXISTS cellar_delayed (
    id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, due_at REAL NOT NULL, enqueued_at INTEGER NOT NULL, message_group TEXT,
    envelope INTEGER NOT NULL, correlation_id TEXT NOT NULL, reply_to TEXT, headers TEXT NOT NULL, body BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS cellar_delayed_due ON cellar_delayed (due_at);
  CREATE INDEX IF NOT EXISTS cellar_delayed_queue ON cellar_delayed (queue);
  CREATE INDEX IF NOT EXISTS cellar_delayed_task ON cellar_delayed (correlation_id);

  CREATE TABLE IF NOT EXISTS cellar_dead (
    id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, reason TEXT NOT NULL, died_at INTEGER NOT NULL,
    deliveries INTEGER NOT NULL, enqueued_at INTEGER NOT NULL, message_group TEXT,
    envelope INTEGER NOT NULL, correlation_id TEXT NOT NULL, reply_to TEXT, headers TEXT NOT NULL, body BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS cellar_dead_queue ON cellar_dead (queue);

  CREATE TABLE IF NOT EXISTS cellar_deduplication (
    queue INTEGER NOT NULL, id TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (queue, id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS cellar_deduplication_until ON cellar_deduplication (until);

  CREATE TABLE IF NOT EXISTS cellar_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS cellar_results (
    seq INTEGER PRIMARY KEY, id_key INTEGER NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, retries INTEGER NOT NULL,
    generation INTEGER NOT NULL, updated_at INTEGER NOT NULL, task INTEGER NOT NULL, queue INTEGER NOT NULL,
    worker INTEGER NOT NULL, result TEXT NOT NULL, args TEXT NOT NULL, kwargs TEXT NOT NULL, details TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS cellar_results_id ON cellar_results (id_key);
  CREATE INDEX IF NOT EXISTS cellar_results_task ON cellar_results (task);
  CREATE INDEX IF NOT EXISTS cellar_results_queue ON cellar_results (queue);
  CREATE INDEX IF NOT EXISTS cellar_results_state ON cellar_results (state) WHERE state <> 'SUCCESS';
  CREATE TABLE IF NOT EXISTS cellar_claims (
    id TEXT NOT NULL, retries INTEGER NOT NULL, generation INTEGER NOT NULL, owner TEXT NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY (id, retries, generation)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS cellar_revoked (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS cellar_schedules (name TEXT PRIMARY KEY, fired_at INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE IF NOT EXISTS cellar_chords (
    id TEXT PRIMARY KEY, pending INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS cellar_chords_until ON cellar_chords (until);
  CREATE TABLE IF NOT EXISTS cellar_chord_parts (
    chord TEXT NOT NULL, place INTEGER NOT NULL, task_id TEXT NOT NULL, state TEXT NOT NULL, result TEXT NOT NULL,
    PRIMARY KEY (chord, place)) WITHOUT ROWID;
`;

/**
 * Makes the tables, or those that an older version did not have: so far each version only added tables. To be called in a
 * write transaction.
 * @throws CellarError `bad-settings` when a newer Cellar wrote the file
 */
export function prepareSchema(database: DatabaseSync, path: string): void {
  const found = storedVersion(database) ?? 0;
  if (found === SCHEMA_VERSION) return;
  if (found > SCHEMA_VERSION)
    throw new CellarError(
      'bad-settings',
      `${path} holds tables of version ${found}, written by a newer Cellar; this one reads version ${SCHEMA_VERSION}`,
    );
  database.exec(TABLES);
  database.exec('DELETE FROM cellar_schema');
  database.prepare('INSERT INTO cellar_schema (version) VALUES (?)').run(SCHEMA_VERSION);
}

function storedVersion(database: DatabaseSync): number | undefined {
  const table = database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'cellar_schema'`).get();
  if (table === undefined) return undefined;
  const version = database.prepare('SELECT version FROM cellar_schema').get()?.['version'];
  return version === undefined || version === null ? undefined : Number(version);
}
