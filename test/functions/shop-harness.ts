import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BoundHandler } from 'cellar';
import { Cellar, discover, loadSettings } from 'cellar';
import type { LambdaEvent } from 'hono/aws-lambda';
import { openLocalShop } from '../../functions/api/local-shop.ts';
import { app } from '../../functions/app.ts';
import { lambdaHandler } from '../../functions/lambda-handler.ts';
import { loadShopSettings, type ShopSettings } from '../../functions/shop-settings.ts';
import { shopTopology } from '../../shared/shop/topology.ts';

export const SECRET = 'whsec_test';

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where it is a JSON object, else empty. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly bytes: Buffer;
}

export interface TestRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ShownMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly { readonly filename: string; readonly url: string }[];
}

export interface TestShop {
  readonly cellar: Cellar;
  readonly folder: string;
  readonly shopSettings: ShopSettings;
  /** Asks through the Lambda handler, with an event of API Gateway's HTTP API. */
  request(method: string, path: string, request?: TestRequest): Promise<TestAnswer>;
  /** The mailbox, as its JSON shows it. */
  mails(): Promise<readonly ShownMail[]>;
  /** Messages that wait in a queue, delayed ones among them. */
  waiting(queue: string): Promise<number>;
  close(): Promise<void>;
}

export interface TestShopOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Handlers to run. @default none */
  readonly handlers?: readonly BoundHandler[];
}

/** Every handler of the shop, as autodiscovery finds them. */
export async function allHandlers(): Promise<readonly BoundHandler[]> {
  const queues = await discover(app.workersFolder ?? '', app.topology);
  return [...queues.values()].flatMap(({ handlers }) => [...handlers.values()]);
}

/** The shop on an embedded broker in a folder of its own. */
export async function openTestShop({ environment = {}, handlers = [] }: TestShopOptions = {}): Promise<TestShop> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'));
  const settings = loadSettings({ CELLAR_DATA_DIR: folder, CELLAR_LOG_LEVEL: 'error' });
  const shopSettings = loadShopSettings({ SHOP_WEBHOOK_SECRET: SECRET, ...environment }, settings);
  const cellar = await Cellar.open({ settings, topology: shopTopology, handlers });
  const handler = lambdaHandler(() => openLocalShop({ cellar, shopSettings }));
  const ask = async (method: string, path: string, request: TestRequest = {}) =>
    answerOf(await handler(httpApiEvent(method, path, request)));
  return {
    cellar,
    folder,
    shopSettings,
    request: ask,
    async mails() {
      const { text } = await ask('GET', '/dev/mailbox', { headers: { accept: 'application/json' } });
      return JSON.parse(text);
    },
    async waiting(queue) {
      const counts = (await cellar.admin.counts([queue]))[0];
      return (counts?.ready ?? 0) + (counts?.delayed ?? 0);
    },
    async close() {
      await cellar.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** An event as API Gateway's HTTP API sends it (payload format 2.0). */
export function httpApiEvent(method: string, path: string, { headers = {}, body }: TestRequest): LambdaEvent {
  const [rawPath = '', rawQueryString = ''] = path.split('?', 2);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: { host: 'shop.example.com', 'x-forwarded-proto': 'https', ...headers },
    body: body ?? null,
    isBase64Encoded: false,
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      authentication: null,
      authorizer: {},
      domainName: 'shop.example.com',
      domainPrefix: 'shop',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'jest' },
      requestId: 'id',
      routeKey: '$default',
      stage: '$default',
      time: '28/Mar/2026:10:00:00 +0000',
      timeEpoch: 1_774_692_000_000,
    },
  };
}

type LambdaAnswer = Awaited<ReturnType<ReturnType<typeof lambdaHandler>>>;

function answerOf(result: LambdaAnswer): TestAnswer {
  const headers = Object.fromEntries(Object.entries(result.headers).map(([name, value]) => [name, String(value)]));
  const bytes = Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8');
  const text = bytes.toString();
  const isJson = headers['content-type']?.startsWith('application/json') === true;
  return { status: result.statusCode, headers, bytes, text, body: isJson ? JSON.parse(text) : {} };
}

export const CUSTOMER = {
  firstName: 'Ana',
  lastName: 'Silva',
  email: 'ana@example.com',
  address: '1 Rue des Vignes',
  postalCode: '21200',
  city: 'Beaune',
};

export const ORDER = {
  customer: CUSTOMER,
  items: [
    { wineId: 'pauillac-tour-sarrazin', quantity: 2 },
    { wineId: 'tavel-rose', quantity: 1 },
  ],
};

/** A request that places an order. */
export function orderRequest(key: string, body: unknown = ORDER): TestRequest {
  return {
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}
