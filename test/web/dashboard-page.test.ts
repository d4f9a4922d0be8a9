/** What the dashboard's page says of a broker that counts about and hides what waits. In a real browser. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, systemRuntime, task, topology } from 'cellar';
import { type RunningHttpApi, startHttpApi } from 'cellar/local';
import { handle } from 'hono/aws-lambda';
import type { Page } from 'playwright-core';
import { makeDashboard } from '../../functions/dashboard/app.ts';
import { openWithLimitedSight } from '../cellar/inspect/limited-sight.ts';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { requires } from '../support/requires.ts';

const suite = requires('chromium') ? describe : describe.skip;
const pour = task('bar.pour', { params: {}, queue: 'bar' });

suite('the page of the dashboard on such a broker', () => {
  let browser: TestBrowser;
  let cellar: Cellar;
  let server: RunningHttpApi;
  let page: Page;

  beforeAll(async () => {
    browser = await openBrowser();
    const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_LOG_LEVEL: 'error' });
    const backend = await openWithLimitedSight([]);
    cellar = await Cellar.open({ settings, topology: topology({ queues: { bar: {} } }), backend });
    await cellar.sendAll([pour(), pour()]);
    const [delivery] = await backend.broker.receive('bar', { maxMessages: 1, waitMs: 0 });
    if (delivery === undefined) throw new Error('nothing was delivered');
    await backend.broker.settle([{ delivery, publish: [], disposition: { kind: 'dead', reason: 'broken' } }]);
    const entry = handle(makeDashboard({ cellar }));
    server = await startHttpApi(
      ({ body = null, requestContext, ...event }) =>
        entry({ ...event, body, requestContext: { ...requestContext, authorizer: {} } }),
      { host: '127.0.0.1', port: 0, log: cellar.log, now: systemRuntime.clock.now, newId: systemRuntime.newId },
    );
    page = await browser.context.newPage();
    await page.goto(`http://127.0.0.1:${server.port}/`);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await cellar?.close();
    await cellar?.backend.broker.close();
  });

  it('says that its counts are about, and why', async () => {
    const note = page.locator('#queues-note');
    await note.filter({ hasText: 'about 1 message waiting, 1 dead' }).waitFor();
    expect(await note.getAttribute('title')).toContain('delay');
  });

  it('says what is not listed', async () => {
    await page.locator('#tasks-note').filter({ hasText: 'what waits in a queue is not listed' }).waitFor();
    expect(await page.locator('#task-rows tr').count()).toBe(0);
  });

  it('tells in a sentence that dead letters cannot be seen', async () => {
    await page.locator('.figure.dead').click();
    const body = page.locator('.drawer-body');
    await body.filter({ hasText: "this broker's dead letters cannot be looked at, only redriven" }).waitFor();
    expect(await body.textContent()).not.toContain('object Object');
  });
});
