/** Chords whose parts' processes die between counting and settling. */
import { describe, expect, it } from '@jest/globals';
import { chord, task, worker } from 'cellar';
import * as z from 'zod/mini';
import type { Backend } from '../../../shared/cellar/backend.ts';
import { processDelivery } from '../../../shared/cellar/worker/process.ts';
import { looseBackend } from './loose-backend.ts';
import { openRig, type Rig } from './rig.ts';

const VISIBILITY_MS = 30_000;
const LEASE_SECONDS = 900;
const work = worker({ queue: 'work' });
const part = task('tests.part', { params: { x: z.number() }, returns: z.number(), queue: 'work' });
const once = task('tests.once', { params: { x: z.number() }, returns: z.number(), queue: 'work', once: true });
const total = task('tests.total', { params: { numbers: z.array(z.number()) }, returns: z.number(), queue: 'work' });

async function open(backend?: (memory: Backend) => Backend) {
  const bodies: number[][] = [];
  const runs: number[] = [];
  const run = (_context: unknown, { x }: { readonly x: number }): number => {
    runs.push(x);
    return x;
  };
  const rig = await openRig(
    [
      work.handle(part, run),
      work.handle(once, run),
      work.handle(total, (_context, { numbers }) => {
        bodies.push(numbers);
        return numbers.length;
      }),
    ],
    backend === undefined ? {} : { backend },
  );
  return { rig, bodies, runs };
}

/** Processes the next delivery, and dies before, or somewhere in, its settling. */
async function die(rig: Rig, settles: boolean): Promise<readonly string[]> {
  const settlement = await processDelivery(await rig.next(), rig.open.environment, new Set());
  if (settles) void rig.cellar.backend.broker.settle([settlement]);
  await rig.clock.advance(VISIBILITY_MS);
  return settlement.publish.map(({ correlationId }) => correlationId);
}

describe('a chord whose last part’s process dies', () => {
  it.each([
    ['a part', part],
    ['a part marked once', once],
  ])('before it settles, on a broker with transactions, has its body run once: %s', async (_name, contract) => {
    const { rig, bodies } = await open();
    const sent = await rig.cellar.send(chord([contract({ x: 1 }), contract({ x: 2 })], total.partial({})));
    await rig.step();
    expect(await die(rig, false)).toEqual([sent.id]);
    expect(bodies).toEqual([]);
    // The claim of a dead run holds until its lease ends.
    for (let seconds = 0; seconds <= LEASE_SECONDS; seconds += 30) {
      await rig.work();
      await rig.clock.advance(30_000);
    }
    expect(bodies).toEqual([[1, 2]]);
    expect(await sent.get()).toBe(2);
  });

  it.each([
    ['before it settles', part, undefined],
    ['after it has published', part, 'publish'],
    ['before it settles, marked once', once, undefined],
    ['after it has published, marked once', once, 'publish'],
  ] as const)('%s, on a broker without, has its body sent under the same id', async (_name, contract, dieAfter) => {
    const loose = looseBackend();
    const { rig, bodies, runs } = await open(loose.wrap);
    const sent = await rig.cellar.send(chord([contract({ x: 1 }), contract({ x: 2 })], total.partial({})));
    await rig.step();
    loose.dieAfter = dieAfter;
    expect(await die(rig, dieAfter !== undefined)).toEqual([sent.id]);
    const replay = await rig.step();
    const body = await rig.work();
    expect(new Set(replay.publish.map(({ correlationId }) => correlationId))).toEqual(new Set([sent.id]));
    expect(body).toBe(1);
    expect(bodies).toEqual([[1, 2]]);
    expect(runs.filter((x) => x === 2)).toHaveLength(contract === once ? 1 : 2);
    expect(await sent.get()).toBe(2);
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 0 });
  });

  it('stores the result of a part once, before it is counted, where a settlement is no transaction', async () => {
    const said: string[] = [];
    const loose = looseBackend();
    const { rig } = await open((memory) => {
      const { results, chords, ...rest } = memory;
      if (chords === undefined) throw new Error('the broker in memory counts chords');
      const store: typeof results.store = async (updates) => {
        said.push(...updates.map(({ state }) => `store ${state}`));
        await results.store(updates);
      };
      const watched = new Proxy(results, {
        get: (target, name) => (name === 'store' ? store : (Reflect.get(target, name)?.bind?.(target) ?? undefined)),
      });
      const ended: typeof chords.ended = (id, ended) => {
        said.push(`ended ${ended.index}`);
        return chords.ended(id, ended);
      };
      return loose.wrap({ ...rest, results: watched, chords: { ...chords, ended } });
    });
    await rig.cellar.send(chord([part({ x: 1 })], total.partial({})));
    await rig.step();
    expect(said).toEqual(['store SUCCESS', 'ended 0']);
  });
});
