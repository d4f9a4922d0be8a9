import { describe } from '@jest/globals';
import { openMemory } from '../../shared/cellar/brokers/memory/open-memory.ts';
import { manualClock, manualRuntime } from '../support/manual-clock.ts';
import { chords } from './chords.ts';
import type { Harness } from './harness.ts';
import { conformance } from './suite.ts';

async function openHarness(): Promise<Harness> {
  const clock = manualClock();
  const open = () => openMemory({ runtime: manualRuntime(clock), resultExpiresSeconds: 600 });
  const backend = await open();
  return {
    backend,
    now: clock.now,
    passMs: clock.advance,
    patienceMs: 0,
    longestPassMs: Number.POSITIVE_INFINITY,
    async reopen() {
      await backend.broker.close();
      return await open();
    },
    close: () => backend.broker.close(),
  };
}

describe('the broker in memory', () => {
  conformance(openHarness);
  chords(openHarness);
});
