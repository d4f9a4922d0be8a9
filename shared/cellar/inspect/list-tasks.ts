/** Lists tasks for people: stored results, and the messages that wait in queues, so that PENDING ones appear too. */
import type { PeekedMessage } from '../broker.ts';
import type { Cellar } from '../cellar.ts';
import { type TaskView, taskView } from './task-view.ts';

export interface TaskFilter {
  /** Only tasks in this state. @default all */
  readonly state?: string;
  /** Only tasks whose name contains this, letter case aside. @default all */
  readonly task?: string;
  readonly queue?: string;
  readonly limit: number;
}

/** What a look into queues needs of a client. */
export type Inspected = Pick<Cellar, 'admin' | 'backend' | 'results' | 'topology'>;

/** How many of each place are searched for one id. */
const SEARCHED = 1000;
/** How many of each place are read for a list: waiting messages come oldest first, and a list shows the newest. */
const LEAST_READ = 200;
/** More than are shown, so that a filter on part of a name finds some. */
const READ_PER_SHOWN = 5;

/**
 * The tasks that changed last, newest first. Looking changes nothing.
 *
 * Of each place of a queue the oldest `limit` messages are read, 200 at least: of a longer one not every waiting task
 * is listed. Places that the broker lets nobody look into (capability `peekable`) are left out: a task that waits there
 * is listed once something is stored of it.
 */
export async function listTasks(inspected: Inspected, filter: TaskFilter): Promise<readonly TaskView[]> {
  const { limit, state, task, queue } = filter;
  const waiting = await peekAll(inspected, { queue, limit: Math.max(limit, LEAST_READ) });
  const stored = await inspected.results.list({
    limit: task === undefined ? limit : limit * READ_PER_SHOWN,
    ...(state === undefined ? undefined : { state }),
    ...(queue === undefined ? undefined : { queue }),
  });
  const views = await joined(inspected, new Map(stored.map((result) => [result.id, result])), waiting);
  const wanted = task?.toLowerCase() ?? '';
  return views
    .filter((view) => (state === undefined || view.state === state) && view.task.toLowerCase().includes(wanted))
    .sort((left, right) => right.changedAtMs - left.changedAtMs)
    .slice(0, limit);
}

/** One task by its id; `undefined` where nothing is stored and no queue has it. */
export async function findTask(inspected: Inspected, id: string): Promise<TaskView | undefined> {
  const [stored] = await inspected.results.get([id]);
  const places = await peekAll(inspected, { queue: stored?.queue, limit: SEARCHED });
  const peeked = places.find(({ message }) => message.correlationId === id);
  const revoked = (await inspected.results.revoked([id])).has(id);
  return taskView({ stored, peeked, revoked });
}

type Stored = Awaited<ReturnType<Inspected['results']['list']>>[number];

async function joined(
  { results }: Inspected,
  stored: ReadonlyMap<string, Stored>,
  waiting: readonly PeekedMessage[],
): Promise<readonly TaskView[]> {
  const messages = new Map(waiting.map((peeked) => [peeked.message.correlationId, peeked]));
  // Newest first, as the store lists them: of equal times the later one comes first.
  const more = [...messages.keys()].filter((id) => !stored.has(id)).reverse();
  const found = await results.get(more);
  const all = new Map([...stored, ...more.map((id, index) => [id, found[index]] as const)]);
  const revoked = await results.revoked([...messages.keys()]);
  return [...all].flatMap(
    ([id, result]) => taskView({ stored: result, peeked: messages.get(id), revoked: revoked.has(id) }) ?? [],
  );
}

async function peekAll(
  { admin, backend, topology }: Inspected,
  { queue, limit }: { readonly queue: string | undefined; readonly limit: number },
): Promise<readonly PeekedMessage[]> {
  const queues = Object.keys(topology.queues).filter((name) => queue === undefined || name === queue);
  const { peekable } = backend.broker.capabilities;
  const peeks = queues.flatMap((name) => peekable.map((place) => admin.peek(name, { place, limit })));
  return (await Promise.all(peeks)).flat();
}
