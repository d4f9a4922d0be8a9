import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cellar } from 'cellar';
import type { Hono } from 'hono';
import { DASHBOARD_USER, openDashboard } from '../../../functions/dashboard/open-dashboard.ts';
import { orderCreated } from '../../../shared/shop/tasks.ts';
import { hasEmulator } from '../../support/aws/emulator.ts';
import { until } from '../../support/running-shop.ts';
import { DASHBOARD_PASSWORD, type EmulatedShop, startEmulatedShop } from './emulated-shop.ts';

const withMinistack = hasEmulator('ministack') ? describe : describe.skip;

function basic(user: string, password: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

describe('the dashboard as a function', () => {
  it('needs the name of its secret', async () => {
    await expect(openDashboard({})).rejects.toMatchObject({
      code: 'bad-settings',
      message: 'CELLAR_DASHBOARD_SECRET_ID is not set',
    });
  });
});

withMinistack('the dashboard on AWS', () => {
  let shop: EmulatedShop;
  let cellar: Cellar;
  let dashboard: Hono;
  beforeAll(async () => {
    shop = await startEmulatedShop();
    cellar = await shop.open();
    const { AWS_ENDPOINT_URL, CELLAR_BROKER_URL, CELLAR_LOG_LEVEL, CELLAR_DASHBOARD_SECRET_ID } = shop.environment;
    dashboard = await openDashboard({
      AWS_ENDPOINT_URL,
      CELLAR_BROKER_URL,
      CELLAR_LOG_LEVEL,
      CELLAR_DASHBOARD_SECRET_ID,
    });
  });
  afterAll(async () => {
    await cellar?.close();
    await shop?.stop();
  });

  const right = basic(DASHBOARD_USER, DASHBOARD_PASSWORD);
  const get = (path: string, headers: Readonly<Record<string, string>> = right) =>
    dashboard.request(path, { headers: { host: 'abc.execute-api.us-east-1.amazonaws.com', ...headers } });
  const json = async (path: string) => JSON.parse(await (await get(path)).text());

  it.each([
    ['nothing', {}],
    ['a wrong password', basic(DASHBOARD_USER, 'wrong')],
    ['the beginning of the password', basic(DASHBOARD_USER, DASHBOARD_PASSWORD.slice(0, -1))],
    ['a wrong user', basic('admin', DASHBOARD_PASSWORD)],
    ['another scheme', { authorization: `Bearer ${DASHBOARD_PASSWORD}` }],
    ['no base64', { authorization: 'Basic %%%' }],
  ])('lets nobody in with %s, and asks for a password', async (_, headers) => {
    for (const path of ['/', '/main.js', '/api/queues', '/api/nothing']) {
      const answer = await get(path, headers);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Cellar dashboard"');
      expect(await answer.json()).toEqual({ error: { code: 'unauthorized', message: expect.any(String) } });
    }
  });

  it('locks nobody out', async () => {
    for (let tries = 0; tries < 20; tries++) await get('/', basic(DASHBOARD_USER, `wrong ${tries}`));
    expect((await get('/')).status).toBe(200);
  });

  it('says that it counts about, and what cannot be looked into', async () => {
    await cellar.send(orderCreated({ orderId: 1 }));
    const { broker, exactCounts, peekable, queues } = await until(async () => {
      const answer = await json('/api/queues');
      return answer.queues[0].ready === 1 && answer;
    }, 10_000);
    expect({ broker, exactCounts, peekable }).toEqual({
      broker: 'sqs://us-east-1/000000000000/wine-shop-test',
      exactCounts: false,
      peekable: ['dead'],
    });
    expect(queues.map(({ queue }: { readonly queue: string }) => queue)).toEqual([
      'mail',
      'invoices',
      'recommender',
      'reports',
    ]);
  });

  it('lists what is stored, and leaves out what only waits', async () => {
    const { id } = await cellar.send(orderCreated({ orderId: 2 }));
    expect((await get(`/api/tasks/${id}`)).status).toBe(404);
    await cellar.results.store([
      {
        id,
        state: 'SUCCESS',
        result: '1',
        attempt: { retries: 0, generation: 0 },
        task: 'orders.tasks.order_created',
        args: '[2]',
        kwargs: '{}',
        queue: 'mail',
        worker: 'w',
      },
    ]);
    const { tasks } = await json('/api/tasks');
    expect(tasks).toMatchObject([{ id, state: 'SUCCESS', args: '[2]' }]);
    expect(await json(`/api/tasks/${id}`)).toMatchObject({ task: { state: 'SUCCESS' } });
  });

  it('shows dead letters, which stay where they are', async () => {
    for (let looks = 0; looks < 2; looks++) expect(await json('/api/queues/mail/dead')).toMatchObject({ dead: [] });
    expect(await json('/api/schedules')).toMatchObject({ schedules: [{ name: 'daily-sales' }] });
  });
});
