/** A worker whose tasks run in threads or processes, on a file of the embedded broker. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cellar } from '../../../../shared/cellar/cellar.ts';
import type { StoredResult } from '../../../../shared/cellar/result-store.ts';
import { loadSettings } from '../../../../shared/cellar/settings.ts';
import type { Signature } from '../../../../shared/cellar/signature.ts';
import { discover } from '../../../../shared/cellar/worker/discover.ts';
import type { TaskPool } from '../../../../shared/cellar/worker/pool.ts';
import { type OpenPoolOptions, openPool } from '../../../../shared/cellar/worker/pools/open-pool.ts';
import { type RunningWorker, startWorker } from '../../../../shared/cellar/worker/start-worker.ts';
import { collectingLog } from '../rig.ts';
import { app } from './app.ts';

export interface PoolRig {
  readonly cellar: Cellar;
  readonly pool: TaskPool;
  readonly worker: RunningWorker;
  /** A path in the rig's folder. */
  path(name: string): string;
  /** Sends a task and waits for its end; answers what is stored. */
  run(signature: Signature<unknown>): Promise<StoredResult>;
  /** What was logged, as `level message`. */
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

const APP_PATH = fileURLToPath(new URL('./app.ts', import.meta.url));

export async function openPoolRig(
  kind: OpenPoolOptions['kind'],
  options: Partial<OpenPoolOptions> = {},
): Promise<PoolRig> {
  const folder = mkdtempSync(join(tmpdir(), 'cellar-pools-'));
  const { log, logged } = collectingLog();
  const settings = loadSettings({
    CELLAR_BROKER_URL: `embedded:${join(folder, 'cellar.db')}`,
    CELLAR_LOG_LEVEL: 'error',
  });
  const cellar = await Cellar.open({ settings, topology: app.topology, log });
  const handlers = (await discover(app.workersFolder ?? '', app.topology)).get('work');
  if (handlers === undefined) throw new Error('the fixture has no queue work');
  const pool = await openPool(cellar, { kind, appPath: APP_PATH, queues: ['work'], size: 2, ...options });
  const worker = await startWorker(cellar, handlers, { pool, concurrency: options.size ?? 2 });
  return {
    cellar,
    pool,
    worker,
    logged,
    path: (name) => join(folder, name),
    async run(signature) {
      const { id } = await cellar.send(signature);
      const stored = await cellar.results.wait(id, { timeoutMs: 60_000 });
      if (stored === undefined) throw new Error(`${signature.task} has no end: ${logged.join('\n')}`);
      return stored;
    },
    async stop() {
      await worker.stop({ cold: true });
      await pool.close();
      await cellar.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
