import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { ResultListOptions, ResultUpdate, StoredResult } from '../../result-store.ts';
import { rowsOf } from './claim.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import { idKey } from './id-key.ts';
import { openNames } from './names.ts';

/** The rows of `cellar_results`: one per task id, in the order of their last change. */
export interface ResultRows {
  /** What is stored and has not expired. */
  find(id: string, changedAfterMs: number): StoredResult | undefined;
  /** State and attempt only, with the row: all that the decision to overwrite needs. */
  findState(id: string): ResultState | undefined;
  /** Stores the newest state of a task, in the place of `old` if there is one. */
  put(update: ResultUpdate, nowMs: number, old: ResultState | undefined): void;
  list(options: ResultListOptions, changedAfterMs: number): readonly StoredResult[];
  remove(id: string): void;
  removeChangedUntil(changedAtMs: number): number;
}

export interface ResultState extends Pick<StoredResult, 'state' | 'attempt' | 'updatedAtMs'> {
  readonly seq: number;
}

const COLUMNS = 'id, state, retries, generation, updated_at, task, queue, worker, result, args, kwargs, details';
const NAMED_FILTERS = ['task', 'queue'] as const;

/** A replaced row gets a new `seq`, so that the newest change is always last and what expires is always first. */
export function openResultRows(file: EmbeddedFile): ResultRows {
  const names = openNames(file);
  const { database } = file;
  const statements = prepare(file);

  function decode(row: readonly SQLOutputValue[]): StoredResult {
    const [id, state, retries, generation, updatedAt, task, queue, worker, result, args, kwargs, details] = row;
    return {
      id: String(id),
      state: String(state),
      result: String(result),
      attempt: { retries: Number(retries), generation: Number(generation) },
      task: names.nameOf(Number(task)),
      args: String(args),
      kwargs: String(kwargs),
      queue: names.nameOf(Number(queue)),
      worker: names.nameOf(Number(worker)),
      ...JSON.parse(String(details)),
      updatedAtMs: Number(updatedAt),
    };
  }

  function encode(update: ResultUpdate, nowMs: number): SQLInputValue[] {
    const { id, state, attempt, task, queue, worker, result, args, kwargs } = update;
    return [
      ...[idKey(id), id, state, attempt.retries, attempt.generation, nowMs],
      ...[names.idOf(task), names.idOf(queue), names.idOf(worker), result, args, kwargs, detailsOf(update)],
    ];
  }

  function list(options: ResultListOptions, changedAfterMs: number): readonly StoredResult[] {
    const asked = NAMED_FILTERS.flatMap((column) => {
      const name = options[column];
      return name === undefined ? [] : [{ column, id: names.find(name) ?? 0 }];
    });
    const { where, values } = stateFilter(options.state);
    const filters = asked.map(({ column }) => ` AND ${column} = ?`).join('');
    const select = database.prepare(
      `SELECT ${COLUMNS} FROM cellar_results WHERE updated_at > ?${where}${filters} ORDER BY seq DESC LIMIT ?`,
    );
    select.setReturnArrays(true);
    return rowsOf(select.all(changedAfterMs, ...values, ...asked.map(({ id }) => id), options.limit)).map(decode);
  }

  return {
    find: (id, changedAfterMs) => rowsOf(statements.select.all(idKey(id), id, changedAfterMs)).map(decode)[0],
    findState(id) {
      const row = statements.selectState.get(idKey(id), id);
      if (row === undefined) return undefined;
      const attempt = { retries: Number(row['retries']), generation: Number(row['generation']) };
      return { seq: Number(row['seq']), state: String(row['state']), attempt, updatedAtMs: Number(row['updated_at']) };
    },
    put(update, nowMs, old) {
      if (old !== undefined) statements.removeSeq.run(old.seq);
      statements.insert.run(...encode(update, nowMs));
    },
    list,
    remove: (id) => void statements.remove.run(idKey(id), id),
    removeChangedUntil: (changedAtMs) => Number(statements.removeOld.run(changedAtMs).changes),
  };
}

function prepare({ database }: EmbeddedFile) {
  const select = database.prepare(
    `SELECT ${COLUMNS} FROM cellar_results WHERE id_key = ? AND id = ? AND updated_at > ?`,
  );
  select.setReturnArrays(true);
  return {
    select,
    selectState: database.prepare(
      'SELECT seq, state, retries, generation, updated_at FROM cellar_results WHERE id_key = ? AND id = ?',
    ),
    insert: database.prepare(
      `INSERT INTO cellar_results (id_key, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    removeSeq: database.prepare('DELETE FROM cellar_results WHERE seq = ?'),
    remove: database.prepare('DELETE FROM cellar_results WHERE id_key = ? AND id = ?'),
    // Rows are in the order of their change, so the scan ends at the first that is young enough.
    removeOld: database.prepare(`DELETE FROM cellar_results WHERE seq <
      ifnull((SELECT seq FROM cellar_results WHERE updated_at > ? ORDER BY seq LIMIT 1), 9223372036854775807)`),
  };
}

/** States other than SUCCESS have an index of their own, which SQLite takes only where the condition says so literally. */
function stateFilter(state: string | undefined): { readonly where: string; readonly values: readonly string[] } {
  if (state === undefined) return { where: '', values: [] };
  const rare = state === 'SUCCESS' ? '' : ` AND state <> 'SUCCESS'`;
  return { where: ` AND state = ?${rare}`, values: [state] };
}

/** What most results do not have; absent fields stay absent. */
function detailsOf(update: ResultUpdate): string {
  const { traceback, parentId, rootId, groupId, children, receivedAtMs, startedAtMs, doneAtMs } = update;
  return JSON.stringify({ traceback, parentId, rootId, groupId, children, receivedAtMs, startedAtMs, doneAtMs });
}
