import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from '../../shared/cellar/backend.ts';
import { openEmbedded } from '../../shared/cellar/brokers/embedded/open-embedded.ts';
import { systemRuntime } from '../../shared/cellar/clock.ts';
import { manualClock, manualRuntime } from '../support/manual-clock.ts';
import type { Harness, HarnessOptions } from './harness.ts';
import { conformance } from './suite.ts';

async function openHarness({ resultExpiresSeconds = 600, realTime = false }: HarnessOptions = {}): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'cellar-conformance-'));
  const clock = manualClock();
  const runtime = realTime ? systemRuntime : manualRuntime(clock);
  const open = (): Promise<Backend> =>
    openEmbedded({ path: join(folder, 'cellar.db'), runtime, durability: 'process', resultExpiresSeconds });
  const backend = await open();
  return {
    backend,
    now: runtime.clock.now,
    isTimeReal: realTime,
    passMs: realTime ? (ms) => sleep(ms) : clock.advance,
    patienceMs: 0,
    async reopen() {
      await backend.broker.close();
      return await open();
    },
    second: open,
    async close() {
      await backend.broker.close();
      await rm(folder, { recursive: true });
    },
  };
}

conformance('embedded', openHarness);
