/** The dashboard in a real browser. Without one it is skipped, but not where CI runs. */
import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import { type ServerType, serve } from '@hono/node-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Cellar, every, loadSettings, type RunningWorker, startWorker, task, topology, worker } from 'cellar';
import type { Page } from 'playwright-core';
import * as z from 'zod/mini';
import { makeDashboard } from '../../functions/dashboard/app.ts';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { requires } from '../support/requires.ts';

const suite = requires('chromium') ? describe : describe.skip;

const pour = task('bar.pour', { params: { glasses: z.int(), of: z.string() }, queue: 'bar' });
const drop = task('bar.drop', { params: { what: z.string() }, queue: 'bar' });
const bar = worker({ queue: 'bar' });
const handlers = [
  bar.handle(pour, (_context, { glasses, of }) => ({ poured: glasses, of })),
  bar.handle(drop, (_context, { what }) => {
    throw new Error(`the ${what} broke`);
  }),
];
const declared = topology({
  queues: { bar: {} },
  schedules: { often: { schedule: every('1h'), task: pour({ glasses: 1, of: 'water' }) } },
});

let browser: TestBrowser;
let page: Page;
let cellar: Cellar;
let server: ServerType;
let running: RunningWorker | undefined;
let address: string;
const faults: string[] = [];

async function work(): Promise<void> {
  running = await startWorker(cellar, {
    worker: bar,
    handlers: new Map(handlers.map((handler) => [handler.contract.name, handler])),
  });
}

suite('the dashboard', () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  beforeEach(async () => {
    const silent = () => {};
    cellar = await Cellar.open({
      settings: loadSettings({ CELLAR_BROKER_URL: 'memory:' }),
      topology: declared,
      log: { debug: silent, info: silent, warn: silent, error: silent },
    });
    const { fetch } = makeDashboard({ cellar });
    const port = await new Promise<number>((resolve) => {
      server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, (info: AddressInfo) => resolve(info.port));
    });
    address = `http://127.0.0.1:${port}/`;
    page = await browser.context.newPage();
    faults.length = 0;
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
  });
  afterEach(async () => {
    await page.close();
    await running?.stop();
    running = undefined;
    // The browser keeps its connections open.
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await cellar.close();
  });

  const rowOf = (text: string) => page.locator('#task-rows tr', { hasText: text });

  it('says what to do next while nothing has happened', async () => {
    await page.goto(address);
    await page.getByText('No task has been sent yet.').waitFor();
    expect(await page.locator('#tasks-empty code').textContent()).toContain('npm run cellar -- send');
    await page.getByText('every hour').waitFor();
    expect(faults).toEqual([]);
  });

  it('shows a task live: waiting, then done, with its arguments and result', async () => {
    await page.goto(address);
    await page.locator('#live-state[data-state="live"]').waitFor();
    const sent = await cellar.send(pour({ glasses: 3, of: 'Chasselas' }));
    await rowOf('bar.pour(3, "Chasselas")').getByText('pending').waitFor();
    await page.locator('.queue', { hasText: 'bar' }).getByRole('button', { name: '1 ready' }).waitFor();
    await work();
    await rowOf('bar.pour(3, "Chasselas")').getByText('success').waitFor();
    await rowOf('Chasselas').getByRole('button').click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText(sent.id).waitFor();
    expect(await drawer.locator('.timeline li .step').allTextContents()).toEqual(['Received', 'Started', 'Done']);
    expect(await drawer.locator('pre').allTextContents()).toEqual([
      '[3, "Chasselas"]',
      '{ "poured": 3, "of": "Chasselas" }',
    ]);
    expect(page.url()).toBe(`${address}?id=${sent.id}`);
    expect(faults).toEqual([]);
  });

  it('shows a failure with its traceback, and its dead letter with the reason', async () => {
    await work();
    await cellar.send(drop({ what: 'carafe' }));
    await page.goto(address);
    await rowOf('bar.drop').getByText('Error: the carafe broke').waitFor();
    await page.getByRole('button', { name: '1 dead' }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('failed: Error: the carafe broke').waitFor();
    await drawer.getByRole('button', { name: 'bar.drop' }).click();
    expect(await drawer.locator('.traceback').textContent()).toMatch(/^Error: the carafe broke\n +at /);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    await page.waitForURL(address);
  });

  it('shows what a message holds as text, never as HTML', async () => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await cellar.send({ ...pour({ glasses: 1, of: evil }), task: `bar.${evil.replaceAll(/\s/g, '/')}` });
    await page.goto(address);
    await page.locator('#task-rows .task-open').click();
    await page.getByRole('dialog').locator('pre').waitFor();
    expect(await page.locator('main img, main script, dialog img, dialog script').count()).toBe(0);
    expect(await page.title()).toBe('Cellar');
    expect(faults).toEqual([]);
  });

  it('filters by the keyboard alone, and keeps the filter in the address', async () => {
    await cellar.send(pour({ glasses: 1, of: 'Merlot' }));
    await cellar.send(drop({ what: 'cork' }));
    await page.goto(address);
    await rowOf('Merlot').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('drop');
    await rowOf('Merlot').waitFor({ state: 'detached' });
    expect(page.url()).toBe(`${address}?task=drop`);
    await page.reload();
    await rowOf('cork').waitFor();
    expect(await rowOf('Merlot').count()).toBe(0);
    await page.getByRole('button', { name: 'Clear' }).click();
    await rowOf('Merlot').waitFor();
    await rowOf('cork').getByRole('button').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('"Merlot"').waitFor();
  });

  it('asks nothing more while it is paused', async () => {
    await page.goto(address);
    await page.locator('#live-state[data-state="live"]').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('#live-state[data-state="paused"]').waitFor();
    await cellar.send(pour({ glasses: 1, of: 'Gamay' }));
    let asked = 0;
    page.on('request', () => {
      asked++;
    });
    // Longer than two rounds; there is nothing to wait for.
    await page.waitForTimeout(2_500);
    expect({ asked, rows: await page.locator('#task-rows tr').count() }).toEqual({ asked: 0, rows: 0 });
    await page.getByRole('button', { name: 'Resume' }).click();
    await rowOf('Gamay').waitFor();
  });

  it('says so when the server is gone, and goes on when it is back', async () => {
    await page.goto(address);
    await page.locator('#live-state[data-state="live"]').waitFor();
    await page.route('**/api/**', (route) => route.abort());
    await page.locator('#live-state[data-state="offline"]').waitFor();
    await page.unroute('**/api/**');
    await page.locator('#live-state[data-state="live"]').waitFor();
  });

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)('has no accessibility fault in %s at %i px, and does not scroll sideways', async (colorScheme, width) => {
    await work();
    await cellar.send(
      pour({ glasses: 1, of: 'a wine whose name is much longer than any cell of any table could ever hold' }),
    );
    await cellar.send(drop({ what: 'glass' }));
    await cellar.send(pour({ glasses: 2, of: 'Pinot' }), { countdown: 600 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 844 });
    await page.goto(address);
    await rowOf('bar.drop').getByText('failure').waitFor();
    const faultsOf = async () =>
      (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    expect(await faultsOf()).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    await rowOf('bar.drop').getByRole('button').click();
    await page.getByRole('dialog').locator('.traceback').waitFor();
    expect(await faultsOf()).toEqual([]);
  });
});
