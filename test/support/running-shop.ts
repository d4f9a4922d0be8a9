import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const start = fileURLToPath(new URL('../../functions/start.ts', import.meta.url));
const READY = /^ready shop=(\S+) dashboard=(\S+) data=(\S+)$/m;

export interface RunningShop {
  readonly url: string;
  readonly dashboardUrl: string;
  readonly pid: number;
  /** Ends it as the kernel would: nothing of its own runs any more. */
  kill(): Promise<void>;
  /** Ends it as Ctrl-C does; answers its exit code and how long it took. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>;
  /** What it printed. */
  output(): string;
}

/** Starts the shop as `npm start` does, on free ports. */
export async function startShop(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningShop> {
  const child = spawn(process.execPath, [start], {
    env: { ...process.env, SHOP_PORT: '0', CELLAR_DASHBOARD_PORT: '0', CELLAR_DATA_DIR: dataDir, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ready = await until(() => {
    if (child.exitCode !== null) throw new Error(`the shop ended with ${child.exitCode}: ${text}`);
    return READY.exec(text);
  }, 20_000);
  return {
    url: ready[1] ?? '',
    dashboardUrl: ready[2] ?? '',
    pid: child.pid ?? 0,
    kill: async () => void (await end(child, 'SIGKILL')),
    stop: () => end(child, 'SIGINT'),
    output: () => text,
  };
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGINT'): Promise<{ code: number | null; ms: number }> {
  const started = performance.now();
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
  return { code: child.exitCode, ms: performance.now() - started };
}

/** A data folder for one test. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'cellar-shop-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Waits until `look` answers something, looking again every few ms. */
export async function until<T>(
  look: () => T | Promise<T>,
  withinMs: number,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(`not seen within ${withinMs} ms`);
    await sleep(5);
  }
}

export interface PlacedOrder {
  readonly id: number;
  readonly number: string;
  readonly total: number;
  readonly accessToken: string;
}

export const customer = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  email: 'ada@example.com',
  address: '12 St James Square',
  postalCode: 'SW1Y 4JH',
  city: 'London',
};

export function postOrder(url: string, key: string, email = customer.email): Promise<Response> {
  const items = [
    { wineId: 'chablis-vaudevey', quantity: 2 },
    { wineId: 'pommard-clos-micault', quantity: 1 },
  ];
  return fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ customer: { ...customer, email }, items }),
  });
}

/** Posts the payment provider's event for an order to the shop that keeps its secret in a folder. */
export function postPayment(url: string, dataDir: string, orderId: number, eventId?: string): Promise<Response> {
  const secret = readFileSync(join(dataDir, 'webhook-secret'), 'utf8').trim();
  return postSignedPayment(url, { secret, orderId, ...(eventId === undefined ? undefined : { eventId }) });
}

export interface PaymentEvent {
  /** What the provider signs with. */
  readonly secret: string;
  readonly orderId: number;
  readonly eventId?: string;
}

/** Posts the payment provider's event for an order, signed as the provider does. */
export function postSignedPayment(
  url: string,
  { secret, orderId, eventId = `evt_${orderId}` }: PaymentEvent,
): Promise<Response> {
  const session = {
    id: `cs_${orderId}`,
    mode: 'payment',
    payment_status: 'paid',
    client_reference_id: String(orderId),
  };
  const body = JSON.stringify({ id: eventId, type: 'checkout.session.completed', data: { object: session } });
  const time = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return fetch(`${url}/api/payments/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': `t=${time},v1=${signature}` },
    body,
  });
}

export interface Mail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly size: number;
    readonly url: string;
  }[];
}

export async function mailsOf(url: string): Promise<readonly Mail[]> {
  const response = await fetch(`${url}/dev/mailbox`, { headers: { accept: 'application/json' } });
  return response.json() as Promise<readonly Mail[]>;
}
