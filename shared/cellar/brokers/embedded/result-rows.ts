import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { ResultListOptions, ResultUpdate, StoredResult } from '../../result-store.ts';
import { rowsOf } from './claim.ts';

/** The rows of `cellar_results`: one per task id, in the order of their last change. */
export interface ResultRows {
  /** What is stored and has not expired. */
  find(id: string, changedAfterMs: number): StoredResult | undefined;
  /** State and attempt only: all that the decision to overwrite needs. */
  findState(id: string, changedAfterMs: number): Pick<StoredResult, 'state' | 'attempt'> | undefined;
  /** Stores the newest state of a task in the place of any other. */
  put(update: ResultUpdate, nowMs: number): void;
  list(options: ResultListOptions, changedAfterMs: number): readonly StoredResult[];
  remove(id: string): void;
  removeChangedUntil(changedAtMs: number): number;
}

const COLUMNS =
  'id, state, retries, generation, updated_at, task, queue, result, args, kwargs, worker, done_at, details';
const FILTERS = ['state', 'task', 'queue'] as const;

/** A replaced row gets a new `seq`, so that the newest change is always last and what expires is always first. */
export function openResultRows(database: DatabaseSync): ResultRows {
  const select = database.prepare(`SELECT ${COLUMNS} FROM cellar_results WHERE id = ? AND updated_at > ?`);
  select.setReturnArrays(true);
  const selectState = database.prepare(
    'SELECT state, retries, generation FROM cellar_results WHERE id = ? AND updated_at > ?',
  );
  const replace = database.prepare(
    `INSERT OR REPLACE INTO cellar_results (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const remove = database.prepare('DELETE FROM cellar_results WHERE id = ?');
  // Rows are in the order of their change, so the scan ends at the first that is young enough.
  const removeOld = database.prepare(`DELETE FROM cellar_results WHERE seq <
    ifnull((SELECT min(seq) FROM cellar_results WHERE updated_at > ?), 9223372036854775807)`);

  return {
    find(id, changedAfterMs) {
      return rowsOf(select.all(id, changedAfterMs)).map(decode)[0];
    },
    findState(id, changedAfterMs) {
      const row = selectState.get(id, changedAfterMs);
      if (row === undefined) return undefined;
      const attempt = { retries: Number(row['retries']), generation: Number(row['generation']) };
      return { state: String(row['state']), attempt };
    },
    put: (update, nowMs) => void replace.run(...encode(update, nowMs)),
    list: (options, changedAfterMs) => rowsOf(listed(database, options, changedAfterMs)).map(decode),
    remove: (id) => void remove.run(id),
    removeChangedUntil: (changedAtMs) => Number(removeOld.run(changedAtMs).changes),
  };
}

function listed(database: DatabaseSync, options: ResultListOptions, changedAfterMs: number): readonly unknown[] {
  const asked = FILTERS.filter((name) => options[name] !== undefined);
  // An unlikely state has an index of its own, which SQLite takes only where the condition says so literally.
  const rare = options.state !== undefined && options.state !== 'SUCCESS' ? ` AND state <> 'SUCCESS'` : '';
  const where = asked.map((name) => ` AND ${name} = ?`).join('');
  const statement: StatementSync = database.prepare(
    `SELECT ${COLUMNS} FROM cellar_results WHERE updated_at > ?${where}${rare} ORDER BY seq DESC LIMIT ?`,
  );
  statement.setReturnArrays(true);
  return statement.all(changedAfterMs, ...asked.map((name) => options[name] ?? null), options.limit);
}

function encode(update: ResultUpdate, nowMs: number): SQLInputValue[] {
  const { id, state, attempt, task, queue, result, args, kwargs, worker, doneAtMs } = update;
  const { traceback, parentId, rootId, groupId, children, receivedAtMs, startedAtMs } = update;
  const details = JSON.stringify({ traceback, parentId, rootId, groupId, children, receivedAtMs, startedAtMs });
  return [
    ...[id, state, attempt.retries, attempt.generation, nowMs, task, queue],
    ...[result, args, kwargs, worker, doneAtMs ?? null, details === '{}' ? null : details],
  ];
}

function decode(row: readonly SQLOutputValue[]): StoredResult {
  const [id, state, retries, generation, updatedAt, task, queue, result, args, kwargs, worker, doneAt, details] = row;
  return {
    id: String(id),
    state: String(state),
    result: String(result),
    attempt: { retries: Number(retries), generation: Number(generation) },
    task: String(task),
    args: String(args),
    kwargs: String(kwargs),
    queue: String(queue),
    worker: String(worker),
    ...(typeof doneAt === 'number' ? { doneAtMs: doneAt } : {}),
    ...(typeof details === 'string' ? JSON.parse(details) : {}),
    updatedAtMs: Number(updatedAt),
  };
}
