/** A pool over children that the test plays itself. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { decodeMessage } from '../../../shared/cellar/message.ts';
import { task } from '../../../shared/cellar/task.ts';
import { type Execution, openExecution } from '../../../shared/cellar/worker/execution.ts';
import type { ChildEvents } from '../../../shared/cellar/worker/pools/child-link.ts';
import { ChildPool } from '../../../shared/cellar/worker/pools/child-pool.ts';
import { decodeCrossing, encodeCrossing, type ToChild } from '../../../shared/cellar/worker/pools/child-protocol.ts';
import { worker } from '../../../shared/cellar/worker.ts';
import { openRig, type Rig } from './rig.ts';

const contract = task('work.any', { params: {}, queue: 'work' });
const handler = worker({ queue: 'work' }).handle(contract, async () => 'here');

/** A child whose answers the test gives. */
interface Played {
  readonly got: ToChild[];
  readonly events: ChildEvents;
}

interface Scene {
  readonly rig: Rig;
  readonly pool: ChildPool;
  readonly children: readonly Played[];
  run(headers?: Readonly<Record<string, unknown>>): ReturnType<ChildPool['run']>;
}

const open: { rig: Rig; pool: ChildPool }[] = [];
afterEach(async () => {
  for (const { rig } of open.splice(0)) await rig.cellar.close();
});

/** The first child is ready at once; `unusable` of those after it cannot run tasks. */
async function openScene({ unusable = 0 }: { readonly unusable?: number } = {}): Promise<Scene> {
  const rig = await openRig([handler]);
  const { cellar } = rig;
  const children: Played[] = [];
  const { capabilities } = cellar.backend.broker;
  const pool = await ChildPool.open({
    name: 'played',
    size: 1,
    runtime: cellar.runtime,
    log: cellar.log,
    start: {
      appPath: '',
      settings: cellar.settings,
      queues: ['work'],
      capabilities,
      results: { expiresSeconds: 60 },
      has: { transaction: false, chords: false },
      measuresMemory: false,
    },
    answer: async () => null,
    startLink(events) {
      const child = { got: [] as ToChild[], events };
      const isUsable = children.length === 0 || children.length > unusable;
      children.push(child);
      return {
        post(text) {
          const message = decodeCrossing<ToChild>(text);
          child.got.push(message);
          if (message.kind === 'close') queueMicrotask(() => events.exit('exit code 0'));
          if (message.kind !== 'start') return;
          queueMicrotask(() =>
            events.message(
              encodeCrossing(isUsable ? { kind: 'ready' } : { kind: 'unusable', fault: { message: 'no database' } }),
            ),
          );
        },
        kill: () => queueMicrotask(() => events.exit('SIGKILL')),
      };
    },
  });
  open.push({ rig, pool });
  return {
    rig,
    pool,
    children,
    run: async (headers = {}) => pool.run(await executionOf(rig, headers), handler),
  };
}

async function executionOf(rig: Rig, headers: Readonly<Record<string, unknown>>): Promise<Execution> {
  await rig.cellar.send(contract({}));
  const delivery = await rig.next();
  const decoded = decodeMessage({ ...delivery.message, headers: { ...delivery.message.headers, ...headers } });
  if (!decoded.ok) throw new Error(decoded.reason);
  return openExecution({ delivery, starts: 1 }, decoded.message, rig.open.environment);
}

const DONE = encodeCrossing({
  kind: 'done',
  outcome: { kind: 'value', json: '"there"' },
  outbox: { messages: [], childIds: [] },
});

describe('a pool of children', () => {
  it('fails a message that cannot cross, and runs the next in the same child', async () => {
    const { rig, run, children, pool } = await openScene();
    const { outcome } = await run({ own: Number.NaN });
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'bad-value' } });
    const next = run();
    await rig.clock.settle();
    children[0]?.events.message(DONE);
    expect((await next).outcome).toEqual({ kind: 'succeeded', value: 'there' });
    expect(children).toHaveLength(1);
    await pool.close();
  });

  it('replaces a child that ends, again after a pause as long as it cannot run tasks', async () => {
    const { rig, run, children, pool } = await openScene({ unusable: 3 });
    children[0]?.events.exit('exit code 7');
    await rig.clock.settle();
    const waiting = run();
    for (const pauseMs of [100, 200, 400]) {
      const before = children.length;
      await rig.clock.advance(pauseMs - 1);
      expect(children).toHaveLength(before);
      await rig.clock.advance(1);
      expect(children).toHaveLength(before + 1);
    }
    await rig.clock.settle();
    children.at(-1)?.events.message(DONE);
    expect((await waiting).outcome).toEqual({ kind: 'succeeded', value: 'there' });
    expect(rig.logged).toEqual(Array(3).fill('error a child of the pool does not start: no database'));
    await pool.close();
  });

  it('gives up what waits and what runs when it closes', async () => {
    const { rig, run, children, pool } = await openScene();
    const running = run();
    await rig.clock.settle();
    const waiting = run();
    await rig.clock.settle();
    expect(children[0]?.got.map(({ kind }) => kind)).toEqual(['start', 'run']);
    await pool.close();
    expect((await running).outcome).toEqual({ kind: 'lost', reason: 'SIGKILL' });
    expect((await waiting).outcome).toEqual({ kind: 'lost', reason: 'the worker stops' });
    expect(children).toHaveLength(1);
  });
});
