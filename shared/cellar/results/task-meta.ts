/**
 * A task's state as Celery's result backends keep it (celery/backends/base.py, `_get_result_meta` with `result_extended`).
 *
 * What Celery has no word for stands in one member more, `cellar`, which Python does not read. `status` and `cellar` come
 * first, the attempt first in it: a script on a server finds both without decoding what follows.
 */
import type { OutgoingMessage } from '../broker.ts';
import { isoDate, timeOfIso } from '../celery/tagged-json.ts';
import { CellarError } from '../errors.ts';
import { describeError } from '../exception.ts';
import type { ResultUpdate, StoredResult } from '../result-store.ts';
import { jsonMembers, jsonParts } from './json-parts.ts';

/** The member `cellar`. */
interface Own {
  /** Generation, retries. */
  readonly attempt: readonly [number, number];
  /** When it changed (ms since the epoch). */
  readonly at: number;
  readonly rootId?: string;
  readonly receivedAtMs?: number;
  readonly startedAtMs?: number;
  readonly outbox?: readonly SavedMessage[];
}

/** A message whose body is bytes has them in base64. */
type SavedMessage = Omit<OutgoingMessage, 'body'> & { readonly body: string | { readonly base64: string } };

/** The JSON of an update that was made at `atMs`. */
export function encodeMeta(update: ResultUpdate, atMs: number): string {
  const { id, state, traceback = null, children = [], doneAtMs, groupId, parentId } = update;
  const members = [
    ['status', JSON.stringify(state)],
    ['cellar', JSON.stringify(ownOf(update, atMs))],
    ['result', update.result],
    ['traceback', JSON.stringify(traceback)],
    ['children', JSON.stringify(children.map((child) => [[child, null], null]))],
    ['date_done', doneAtMs === undefined ? 'null' : JSON.stringify(isoDate(new Date(doneAtMs)))],
    ...(groupId === undefined ? [] : [['group_id', JSON.stringify(groupId)]]),
    ...(parentId === undefined ? [] : [['parent_id', JSON.stringify(parentId)]]),
    ['name', JSON.stringify(update.task)],
    ['args', update.args],
    ['kwargs', update.kwargs],
    ['worker', JSON.stringify(update.worker)],
    ['retries', String(update.attempt.retries)],
    ['queue', JSON.stringify(update.queue)],
    ['task_id', JSON.stringify(id)],
  ];
  return `{${members.map(([name, text]) => `"${name}":${text}`).join(',')}}`;
}

function ownOf({ attempt, rootId, receivedAtMs, startedAtMs, outbox }: ResultUpdate, at: number): Own {
  return {
    attempt: [attempt.generation, attempt.retries],
    at,
    ...(rootId === undefined ? undefined : { rootId }),
    ...(receivedAtMs === undefined ? undefined : { receivedAtMs }),
    ...(startedAtMs === undefined ? undefined : { startedAtMs }),
    ...(outbox === undefined ? undefined : { outbox: outbox.map(savedOf) }),
  };
}

function savedOf(message: OutgoingMessage): SavedMessage {
  const { body } = message;
  return { ...message, body: typeof body === 'string' ? body : { base64: Buffer.from(body).toString('base64') } };
}

function messageOf(saved: SavedMessage): OutgoingMessage {
  const { body } = saved;
  return { ...saved, body: typeof body === 'string' ? body : new Uint8Array(Buffer.from(body.base64, 'base64')) };
}

/**
 * What is stored of this task, by this library or by Celery, extended or not; what Celery wrote counts as changed when it
 * was done, or now.
 * @throws CellarError `bad-message` for what is no JSON of either
 */
export function decodeMeta(id: string, text: string, nowMs: number): StoredResult {
  try {
    return readMeta(id, jsonMembers(text), nowMs);
  } catch (error) {
    const reason = `what is stored of task ${id} cannot be read: ${describeError(error)}`;
    throw new CellarError('bad-message', `${reason}; allowed: JSON, as Celery's result_serializer 'json' writes it`);
  }
}

function readMeta(id: string, texts: ReadonlyMap<string, string>, nowMs: number): StoredResult {
  const read = (name: string): unknown => JSON.parse(texts.get(name) ?? 'null');
  const text = (name: string): string | undefined => {
    const value = read(name);
    return typeof value === 'string' ? value : undefined;
  };
  const state = text('status');
  if (state === undefined)
    throw new CellarError('bad-message', `the status is ${texts.get('status')}, allowed: a text`);
  const own = read('cellar') as Own | null;
  const [generation, retries] = own?.attempt ?? [0, Number(read('retries') ?? 0)];
  const doneAtMs = dateOf(text('date_done'));
  const children = jsonParts(texts.get('children') ?? '[]').flatMap(idsOf);
  return {
    id,
    state,
    result: texts.get('result') ?? 'null',
    attempt: { retries, generation },
    task: text('name') ?? '',
    args: texts.get('args') ?? '[]',
    kwargs: texts.get('kwargs') ?? '{}',
    queue: text('queue') ?? '',
    worker: text('worker') ?? '',
    updatedAtMs: own?.at ?? doneAtMs ?? nowMs,
    ...(children.length === 0 ? undefined : { children }),
    ...present({ traceback: text('traceback'), groupId: text('group_id'), parentId: text('parent_id'), doneAtMs }),
    ...(own === null ? undefined : detailsOf(own)),
  };
}

function detailsOf({ rootId, receivedAtMs, startedAtMs, outbox }: Own): Partial<StoredResult> {
  return { ...present({ rootId, receivedAtMs, startedAtMs }), ...(outbox && { outbox: outbox.map(messageOf) }) };
}

function present<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: NonNullable<Fields[Name]>;
  };
}

/** celery/utils/time.py reads a time without an offset as UTC. */
function dateOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : timeOfIso(text);
}

/** The tasks in one child as `ResultBase.as_tuple` writes it: `[[id, parent], null]`, or a group with its members. */
function idsOf(child: string): readonly string[] {
  const [own = '[]', members = 'null'] = jsonParts(child);
  return members === 'null' ? [String(JSON.parse(own)[0])] : jsonParts(members).flatMap(idsOf);
}
