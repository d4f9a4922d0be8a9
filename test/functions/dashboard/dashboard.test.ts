import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cellar, crontab, every, loadSettings, startWorker, task, topology, worker } from 'cellar';
import type { Hono } from 'hono';
import * as z from 'zod/mini';
import { makeDashboard } from '../../../functions/dashboard/app.ts';
import { onlyHosts } from '../../../functions/dashboard/only-hosts.ts';

const pour = task('bar.pour', { params: { glasses: z.int() }, queue: 'bar' });
const drop = task('bar.drop', { params: { what: z.string() }, queue: 'bar' });
const bar = worker({ queue: 'bar' });
const handlers = [
  bar.handle(pour, (_context, { glasses }) => ({ poured: glasses })),
  bar.handle(drop, (_context, { what }) => {
    throw new Error(`the ${what} broke`);
  }),
];

const declared = topology({
  queues: { bar: {}, 'odd.name-1': {} },
  schedules: {
    often: { schedule: every('30s'), task: pour({ glasses: 1 }) },
    mondays: {
      schedule: crontab({ minute: 0, hour: 7, dayOfWeek: 'mon', timeZone: 'Europe/Zurich' }),
      task: pour({ glasses: 2 }),
      queue: 'odd.name-1',
    },
  },
});

let cellar: Cellar;
let dashboard: Hono;
beforeEach(async () => {
  const silent = () => {};
  cellar = await Cellar.open({
    settings: loadSettings({ CELLAR_BROKER_URL: 'memory:' }),
    topology: declared,
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  dashboard = makeDashboard({ cellar });
});
afterEach(() => cellar.close());

const get = (path: string, headers: Readonly<Record<string, string>> = { host: 'localhost:15672' }) =>
  dashboard.request(path, { headers });
const json = async (path: string) => JSON.parse(await (await get(path)).text());

/** Runs what waits until nothing is left to run. */
async function runAll(): Promise<void> {
  const running = await startWorker(cellar, {
    worker: bar,
    handlers: new Map(handlers.map((handler) => [handler.contract.name, handler])),
  });
  const endMs = Date.now() + 10_000;
  for (;;) {
    const [counts] = await cellar.admin.counts(['bar']);
    if (counts?.ready === 0 && counts.inFlight === 0) break;
    if (Date.now() > endMs) throw new Error('tasks still wait after 10 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await running.stop();
}

/** What happens in one millisecond has no order in time. */
async function nextMillisecond(): Promise<void> {
  const nowMs = Date.now();
  while (Date.now() === nowMs) await nextTurn();
}

describe('the API', () => {
  it('counts the queues of the topology', async () => {
    await cellar.send(pour({ glasses: 1 }));
    await cellar.send(pour({ glasses: 1 }), { countdown: 600 });
    await cellar.send(drop({ what: 'glass' }), { queue: 'odd.name-1' });
    expect(await json('/api/queues')).toMatchObject({
      broker: 'memory:',
      exactCounts: true,
      peekable: ['ready', 'inFlight', 'delayed', 'dead'],
      nowMs: expect.any(Number),
      queues: [
        { queue: 'bar', ready: 1, inFlight: 0, delayed: 1, dead: 0, oldestReadyAtMs: expect.any(Number) },
        { queue: 'odd.name-1', ready: 1 },
      ],
    });
  });

  it('lists waiting, scheduled, finished and failed tasks', async () => {
    const done = await cellar.send(pour({ glasses: 3 }));
    const failed = await cellar.send(drop({ what: 'cork' }));
    await runAll();
    const waiting = await cellar.send(pour({ glasses: 4 }));
    const later = await cellar.send(pour({ glasses: 5 }), { countdown: 600, messageGroup: 'table 1' });
    const { tasks } = await json('/api/tasks');
    const byId = new Map(tasks.map((one: { id: string }) => [one.id, one]));
    expect(byId.get(done.id)).toMatchObject({
      task: 'bar.pour',
      state: 'SUCCESS',
      args: '[3]',
      result: '{"poured":3}',
      queue: 'bar',
      worker: expect.stringMatching(/^cellar@/),
      receivedAtMs: expect.any(Number),
      startedAtMs: expect.any(Number),
      doneAtMs: expect.any(Number),
      runtimeMs: expect.any(Number),
    });
    expect(byId.get(failed.id)).toMatchObject({
      state: 'FAILURE',
      place: 'dead',
      reason: 'failed: Error: the cork broke',
      traceback: expect.stringMatching(/^Error: the cork broke\n +at /),
    });
    expect(byId.get(waiting.id)).toMatchObject({
      state: 'PENDING',
      place: 'ready',
      args: '[4]',
      enqueuedAtMs: expect.any(Number),
    });
    expect(byId.get(later.id)).toMatchObject({
      state: 'PENDING',
      place: 'delayed',
      dueAtMs: expect.any(Number),
      messageGroup: 'table 1',
    });
    expect(byId.size).toBe(4);
  });

  it('filters tasks by state, part of the name and queue, newest first', async () => {
    await cellar.send(pour({ glasses: 1 }));
    await cellar.send(drop({ what: 'bottle' }));
    await runAll();
    await nextMillisecond();
    await cellar.send(pour({ glasses: 2 }), { queue: 'odd.name-1' });
    const args = async (query: string) =>
      (await json(`/api/tasks?${query}`)).tasks.map((one: { args: string }) => one.args);
    expect(await args('state=FAILURE')).toEqual(['["bottle"]']);
    expect(await args('task=POUR')).toEqual(['[2]', '[1]']);
    expect(await args('task=pour&state=PENDING')).toEqual(['[2]']);
    expect(await args('queue=odd.name-1')).toEqual(['[2]']);
    expect(await args('limit=1')).toEqual(['[2]']);
  });

  it('finds one task by its id, waiting or done', async () => {
    const { id } = await cellar.send(pour({ glasses: 7 }));
    expect(await json(`/api/tasks/${id}`)).toMatchObject({ task: { id, state: 'PENDING', args: '[7]' } });
    await runAll();
    expect(await json(`/api/tasks/${id}`)).toMatchObject({ task: { id, state: 'SUCCESS', result: '{"poured":7}' } });
  });

  it('shows schedules in plain words with their next firing', async () => {
    const { schedules, nowMs } = await json('/api/schedules');
    const [often, mondays] = schedules;
    expect(often).toMatchObject({
      name: 'often',
      words: 'every 30 seconds',
      task: 'bar.pour',
      args: '[1]',
      timeZone: 'UTC',
    });
    expect(often.nextDueMs - nowMs).toBeLessThanOrEqual(30_000);
    expect(mondays).toMatchObject({
      words: 'at 07:00 on Monday (Europe/Zurich)',
      queue: 'odd.name-1',
      timeZone: 'Europe/Zurich',
    });
    expect(new Date(mondays.nextDueMs).toLocaleTimeString('en-GB', { timeZone: 'Europe/Zurich' })).toBe('07:00:00');
  });

  it('tells when a schedule fired last, but not when beat first saw it', async () => {
    const dueMs = Math.floor(Date.now() / 30_000) * 30_000;
    await cellar.backend.schedules.advance('often', undefined, dueMs);
    await cellar.backend.schedules.advance('mondays', undefined, dueMs + 1);
    const { schedules } = await json('/api/schedules');
    expect(schedules[0]).toMatchObject({ lastFiredMs: dueMs });
    expect(schedules[1]).not.toHaveProperty('lastFiredMs');
  });

  it('shows the dead letters of a queue with their reasons', async () => {
    await cellar.send(drop({ what: 'jug' }));
    await runAll();
    expect(await json('/api/queues/bar/dead')).toMatchObject({
      queue: 'bar',
      dead: [
        { task: 'bar.drop', args: '["jug"]', reason: 'failed: Error: the jug broke', diedAtMs: expect.any(Number) },
      ],
    });
    expect(await json('/api/queues/odd.name-1/dead')).toMatchObject({ dead: [] });
  });

  it.each([
    ['/api/tasks/unknown-id', 404, 'unknown-task', 'no task unknown-id: nothing is stored, and no queue has it'],
    ['/api/queues/none/dead', 404, 'unknown-queue', 'unknown queue "none", allowed: bar, odd.name-1'],
    ['/api/tasks?queue=none', 404, 'unknown-queue', 'unknown queue "none", allowed: bar, odd.name-1'],
    ['/api/tasks?limit=0', 400, 'bad-limit', 'limit is "0", allowed: a whole number from 1 to 1000'],
    ['/api/tasks?limit=1001', 400, 'bad-limit', 'limit is "1001", allowed: a whole number from 1 to 1000'],
    ['/api/nothing', 404, 'not-found', 'there is nothing at /api/nothing'],
  ])('answers %s with %i and says why', async (path, status, code, message) => {
    const response = await get(path);
    expect({ status: response.status, body: await response.json() }).toEqual({
      status,
      body: { error: { code, message } },
    });
  });

  it('answers 503 when the broker is gone', async () => {
    await cellar.backend.broker.close();
    await cellar.close();
    const response = await get('/api/queues');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: { code: 'closed', message: expect.any(String) } });
  });

  it('is read-only', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const response = await dashboard.request('/api/queues', { method, headers: { host: 'localhost' } });
      expect(response.status).toBe(404);
    }
  });
});

describe('its safety', () => {
  it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:15672', '[::1]:15672'])(
    'answers to the local name %s',
    async (host) => {
      expect((await get('/api/queues', { host })).status).toBe(200);
    },
  );

  it.each(['evil.example', 'localhost.evil.example:15672', '127.0.0.1.nip.io', '', 'localhost:x'])(
    'refuses the host %j, page and data',
    async (host) => {
      for (const path of ['/', '/api/queues']) expect((await get(path, { host })).status).toBe(421);
    },
  );

  it('answers to the names that it is given instead', async () => {
    const deployed = makeDashboard({ cellar, guard: onlyHosts(['cellar.shop.example']) });
    const status = async (host: string) => (await deployed.request('/api/queues', { headers: { host } })).status;
    expect([await status('cellar.shop.example'), await status('localhost')]).toEqual([200, 421]);
  });

  it('allows nothing but its own files, and no other site to read or frame it', async () => {
    for (const path of ['/', '/api/queues', '/api/nothing']) {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'; /,
      );
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    expect((await get('/api/queues')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('the page', () => {
  it('and every file that it names are served with their types', async () => {
    const page = await get('/');
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const html = await page.text();
    const files = [...html.matchAll(/(?:href|src)="([^"#]+)"/g)].map(([, path]) => path ?? '');
    expect(files.sort()).toEqual(['dashboard.css', 'favicon.svg', 'main.js']);
    const types = await Promise.all(files.map(async (file) => (await get(`/${file}`)).headers.get('content-type')));
    expect(types).toEqual([
      expect.stringMatching(/^text\/css/),
      expect.stringMatching(/^image\/svg\+xml/),
      expect.stringMatching(/^text\/javascript/),
    ]);
  });

  it('has nothing inline that its policy would refuse', async () => {
    const html = await (await get('/')).text();
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i);
  });

  it.each(['/../../package.json', '/..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/package.json', '/....//package.json'])(
    'serves no file outside its folder: %s',
    async (path) => {
      const response = await dashboard.request(
        new Request(`http://localhost${path}`, { headers: { host: 'localhost' } }),
      );
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('"workspaces"');
    },
  );
});
