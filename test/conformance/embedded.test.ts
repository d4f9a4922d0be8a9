import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import type { Backend } from '../../shared/cellar/backend.ts';
import { openEmbedded } from '../../shared/cellar/brokers/embedded/open-embedded.ts';
import { manualClock, manualRuntime } from '../support/manual-clock.ts';
import { chords } from './chords.ts';
import type { Harness } from './harness.ts';
import { conformance } from './suite.ts';

async function openHarness(): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'cellar-conformance-'));
  const clock = manualClock();
  const open = (): Promise<Backend> =>
    openEmbedded({
      path: join(folder, 'cellar.db'),
      runtime: manualRuntime(clock),
      durability: 'process',
      resultExpiresSeconds: 600,
    });
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
    second: open,
    async close() {
      await backend.broker.close();
      await rm(folder, { recursive: true });
    },
  };
}

describe('the embedded broker', () => {
  conformance(openHarness);
  chords(openHarness);
});
