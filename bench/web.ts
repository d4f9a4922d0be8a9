/**
 * The shop's POST /api/orders while a second process saturates the same SQLite file with batches of tasks,
 * sent, run and stored: `npm run bench web`; `-- --json` for programs.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { quantile } from './embedded/scenario.ts';

const ORDERS = 400;
const WARM_UP = 40;
const order = JSON.stringify({
  customer: {
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: 'ada@example.com',
    address: '12 St James Square',
    postalCode: 'SW1Y 4JH',
    city: 'London',
  },
  items: [{ wineId: 'chablis-vaudevey', quantity: 1 }],
});

const dataDir = mkdtempSync(join(tmpdir(), 'cellar-bench-web-'));
const environment = { ...process.env, SHOP_PORT: '0', CELLAR_DASHBOARD_PORT: '0', CELLAR_DATA_DIR: dataDir };

function script(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

async function firstMatch(child: ReturnType<typeof spawn>, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    const found = pattern.exec(text);
    if (found !== null) return found[1] ?? '';
  }
  throw new Error(`ended without ${pattern}: ${text}`);
}

/** Milliseconds of each POST, one every 5 ms or as fast as they are answered. */
async function post(url: string, run: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < ORDERS + WARM_UP; index++) {
    const started = performance.now();
    const response = await fetch(`${url}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `${run}-${index}` },
      body: order,
    });
    await response.arrayBuffer();
    if (response.status !== 201) throw new Error(`order answered ${response.status}`);
    times.push(performance.now() - started);
    await sleep(5);
  }
  return times.slice(WARM_UP);
}

const shop = spawn(process.execPath, [script('../functions/start.ts')], {
  env: environment,
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const url = await firstMatch(shop, /^ready shop=(\S+)/m);
  const idle = await post(url, 'idle');
  const load = spawn(process.execPath, [script('./web/saturate.ts')], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await firstMatch(load, /^(saturating)/m);
  const loaded = await post(url, 'loaded');
  load.kill('SIGKILL');
  const figures = { idle: figuresOf(idle), loaded: figuresOf(loaded) };
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else
    for (const [name, { p50Ms, p99Ms, maxMs }] of Object.entries(figures))
      process.stdout.write(
        `POST /api/orders, ${name.padEnd(6)}: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, max ${maxMs.toFixed(1)} ms\n`,
      );
} finally {
  shop.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
}

function figuresOf(times: readonly number[]) {
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), maxMs: Math.max(...times) };
}
