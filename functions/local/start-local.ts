/**
 * The local runtime: the very handlers that Lambda runs, fed by this machine. HTTP requests become API Gateway v2
 * events, messages become SQS events; delays and schedules are the embedded broker's and beat's.
 */
import { Cellar, discover, loadSettings, startBeat } from 'cellar';
import { sqsHandler } from 'cellar/lambda';
import { type HttpApiHandler, startEventSource, startHttpApi } from 'cellar/local';
import type { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import { openLocalShop } from '../api/local-shop.ts';
import { app } from '../app.ts';
import { makeDashboard } from '../dashboard/app.ts';
import { loadShopSettings } from '../shop-settings.ts';

const HOST = '127.0.0.1';
/** What the workers may take to finish what runs. */
const WARM_STOP_MS = 3_000;

export interface RunningShop {
  readonly shopUrl: string;
  readonly dashboardUrl: string;
  readonly dataDir: string;
  /** Ends everything; what has not run stays in its queue. */
  stop(): Promise<void>;
}

/**
 * Starts the shop; orders survive a power cut unless CELLAR_DURABILITY says `process`.
 * @throws CellarError `bad-settings`, `discovery`, `bad-topology`
 */
export async function startLocal(environment: Readonly<Record<string, string | undefined>>): Promise<RunningShop> {
  const settings = loadSettings({ CELLAR_DURABILITY: 'power', ...environment });
  const shopSettings = await loadShopSettings(environment, settings);
  const cellar = await Cellar.open({ settings, topology: app.topology });
  const queues = await discover(app.workersFolder ?? '', app.topology);
  const sources = [...queues.values()].map((handlers) =>
    startEventSource(cellar, { queue: handlers.worker.queue, handler: sqsHandler(handlers, async () => cellar) }),
  );
  const beat = startBeat(cellar);
  const server = { host: HOST, log: cellar.log, now: cellar.runtime.clock.now, newId: cellar.runtime.newId };
  const shop = await startHttpApi(entered(await openLocalShop({ cellar, shopSettings })), {
    ...server,
    port: shopSettings.port,
  });
  const dashboard = await startHttpApi(entered(makeDashboard({ cellar })), { ...server, port: settings.dashboardPort });
  const shopUrl = `http://${HOST}:${shop.port}`;
  await warmUp(shopUrl);
  return {
    shopUrl,
    dashboardUrl: `http://${HOST}:${dashboard.port}`,
    dataDir: settings.dataDir,
    async stop() {
      await Promise.all([
        shop.stop(),
        dashboard.stop(),
        beat.stop(),
        ...sources.map((source) => source.stop(WARM_STOP_MS)),
      ]);
      await cellar.close();
    },
  };
}

/** Runs the way of an order once without placing one, so that the first customer does not wait for code to load. */
async function warmUp(shopUrl: string): Promise<void> {
  await (await fetch(`${shopUrl}/api/wines`)).arrayBuffer();
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'warm-up' };
  await (await fetch(`${shopUrl}/api/orders`, { method: 'POST', headers, body: '{"items":[]}' })).arrayBuffer();
}

/** A Hono app entered as Lambda enters it. */
function entered(app: Hono): HttpApiHandler {
  const handler = handle(app);
  return ({ body = null, requestContext, ...event }) =>
    handler({ ...event, body, requestContext: { ...requestContext, authorizer: {} } });
}
