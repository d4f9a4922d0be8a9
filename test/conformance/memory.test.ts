import { setTimeout as sleep } from 'node:timers/promises';
import { openMemory } from '../../shared/cellar/brokers/memory/open-memory.ts';
import { systemRuntime } from '../../shared/cellar/clock.ts';
import { manualClock, manualRuntime } from '../support/manual-clock.ts';
import type { Harness, HarnessOptions } from './harness.ts';
import { conformance } from './suite.ts';

async function openHarness({ resultExpiresSeconds = 600, realTime = false }: HarnessOptions = {}): Promise<Harness> {
  const clock = manualClock();
  const runtime = realTime ? systemRuntime : manualRuntime(clock);
  const open = () => openMemory({ runtime, resultExpiresSeconds });
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
    close: () => backend.broker.close(),
  };
}

conformance('memory', openHarness);
