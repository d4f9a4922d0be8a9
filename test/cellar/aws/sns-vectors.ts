/** Routing vectors through an emulator's SNS, for real. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AwsPlan, mustRoute, needsRecheck } from '../../../shared/cellar/aws/plan.ts';
import { route } from '../../../shared/cellar/routing/route.ts';
import { type Emulator, type EmulatorName, hasEmulator, startEmulator } from '../../support/aws/emulator.ts';
import { delivered } from './delivered.ts';
import { EmulatedTopics, type Publication } from './emulated-topics.ts';
import { hardCases } from './hard-cases.ts';
import { type PlannedSet, plannedSets } from './routing-vectors.ts';

interface Run {
  readonly set: PlannedSet;
  readonly plan: AwsPlan;
  readonly publications: readonly Publication[];
}

/** Tests all vectors and the hard cases through this emulator; skipped where there is none. */
export function testVectorsThrough(name: EmulatorName): void {
  const here = hasEmulator(name) ? describe : describe.skip;
  here(`SNS of ${name}`, () => {
    let emulator: Emulator;

    beforeAll(async () => {
      emulator = await startEmulator(name);
    }, 60_000);

    afterAll(async () => {
      await emulator?.stop();
    });

    it('brings every vector to the queues that route() says', async () => {
      const sets = [...plannedSets('topic.json', 0), ...plannedSets('exchange.json', 100)];
      await expectVectors(emulator.endpoint, sets);
    }, 120_000);

    it('brings hard words, typed headers and ways through exchanges where route() says', async () => {
      await expectVectors(emulator.endpoint, hardCases);
    }, 60_000);
  });
}

/** Publishes every case that goes through SNS and compares what is in each queue with what `route` says. */
async function expectVectors(endpoint: string, sets: readonly PlannedSet[]): Promise<void> {
  const topics = new EmulatedTopics(endpoint);
  const runs = sets.flatMap((set): Run[] => {
    const { plan, cases } = set;
    if (plan === undefined) return [];
    const publications = cases
      .map((sent, place) => ({ ...sent, id: `${place}` }))
      .filter((sent) => !mustRoute(plan, sent));
    return [{ set, plan, publications }];
  });
  try {
    for (const { plan } of runs) await topics.create(plan);
    for (const { plan, publications } of runs) await topics.publish(plan, publications);
    await topics.settled(runs.reduce((count, { plan }) => count + plan.topics.length, 0));
    for (const run of runs) await expectQueues(topics, run);
  } finally {
    topics.close();
  }
}

async function expectQueues(topics: EmulatedTopics, { set, plan, publications }: Run): Promise<void> {
  const { id, shop } = set;
  const found: Record<string, readonly string[]> = {};
  for (const { queue, queueName } of plan.queues) found[queue] = [...(await topics.drain(queueName))].sort();
  const meantFor = (queue: string) => publications.filter((sent) => route(shop, sent.exchange, sent).includes(queue));
  const letThrough = (queue: string) => publications.filter((sent) => delivered(plan, sent).includes(queue));
  const expected = plan.queues.map(({ queue }) => {
    // A queue whose worker rechecks may get more, and gets exactly what its policy says.
    const all = needsRecheck(plan, 'events', queue) ? letThrough(queue) : meantFor(queue);
    return [queue, all.map((sent) => sent.id).sort()] as const;
  });
  expect({ id, ...found }).toEqual({ id, ...Object.fromEntries(expected) });
}
