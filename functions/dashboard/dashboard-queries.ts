/** What the dashboard's page asks: queues, tasks, schedules, dead letters. All read-only. */
import { brokerName, type Cellar, findTask, listSchedules, listTasks, taskView } from 'cellar';
import { type Context, Hono } from 'hono';
import { refuse } from './refusal.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/**
 * The routes below `/api`. Every answer has `nowMs`, so that the page reckons by this clock and not by the browser's.
 * `/queues` says too what the broker can show: whether its counts are exact, and which places it lets be looked into.
 */
export function dashboardQueries(cellar: Cellar): Hono {
  const queues = Object.keys(cellar.topology.queues);
  const { exactCounts, peekable } = cellar.backend.broker.capabilities;
  const nowMs = (): number => cellar.runtime.clock.now();
  const api = new Hono();

  api.get('/queues', async (context) => {
    const broker = brokerName(cellar.settings.brokerUrl);
    const counts = await cellar.admin.counts(queues);
    return context.json({ nowMs: nowMs(), broker, exactCounts, peekable, queues: counts });
  });

  api.get('/tasks', async (context) => {
    const limit = limitOf(context);
    if (limit === undefined) return badLimit(context);
    const { state, task, queue } = context.req.query();
    if (queue && !queues.includes(queue)) return unknownQueue(context, queue, queues);
    const filter = { limit, ...(state && { state }), ...(task && { task }), ...(queue && { queue }) };
    return context.json({ nowMs: nowMs(), tasks: await listTasks(cellar, filter) });
  });

  api.get('/tasks/:id', async (context) => {
    const id = context.req.param('id');
    const task = await findTask(cellar, id);
    if (task !== undefined) return context.json({ nowMs: nowMs(), task });
    const message = `no task ${id}: nothing is stored, and no queue has it`;
    return refuse(context, { status: 404, code: 'unknown-task', message });
  });

  api.get('/schedules', async (context) => context.json({ nowMs: nowMs(), schedules: await listSchedules(cellar) }));

  api.get('/queues/:name/dead', async (context) => {
    const queue = context.req.param('name');
    if (!queues.includes(queue)) return unknownQueue(context, queue, queues);
    const limit = limitOf(context);
    if (limit === undefined) return badLimit(context);
    if (!peekable.includes('dead')) return notPeekable(context);
    const peeked = await cellar.admin.peek(queue, { place: 'dead', limit });
    return context.json({ nowMs: nowMs(), queue, dead: peeked.map((message) => taskView({ peeked: message })) });
  });

  return api;
}

function limitOf(context: Context): number | undefined {
  const text = context.req.query('limit') ?? String(DEFAULT_LIMIT);
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= MAX_LIMIT ? limit : undefined;
}

function badLimit(context: Context): Response {
  const got = JSON.stringify(context.req.query('limit'));
  const message = `limit is ${got}, allowed: a whole number from 1 to ${MAX_LIMIT}`;
  return refuse(context, { status: 400, code: 'bad-limit', message });
}

function notPeekable(context: Context): Response {
  const message = "this broker's dead letters cannot be looked at, only redriven";
  return refuse(context, { status: 501, code: 'not-supported', message });
}

function unknownQueue(context: Context, queue: string, queues: readonly string[]): Response {
  const message = `unknown queue ${JSON.stringify(queue)}, allowed: ${queues.join(', ')}`;
  return refuse(context, { status: 404, code: 'unknown-queue', message });
}
