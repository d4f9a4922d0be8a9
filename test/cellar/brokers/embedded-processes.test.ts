import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Backend } from '../../../shared/cellar/backend.ts';
import type { Delivery } from '../../../shared/cellar/broker.ts';
import { message, texts } from '../../conformance/deliveries.ts';
import { openHere } from './embedded-processes/open-child.ts';
import { type Child, startChild } from './embedded-processes/start-child.ts';

let folder: string;
let path: string;
let backends: Backend[];
let children: Child[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cellar-processes-'));
  path = join(folder, 'cellar.db');
  backends = [];
  children = [];
});

afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()));
  await Promise.all(backends.map(({ broker }) => broker.close()));
  await rm(folder, { recursive: true });
});

async function openBackend(): Promise<Backend> {
  const backend = await openHere(path);
  backends.push(backend);
  return backend;
}

function start(what: string): Child {
  const child = startChild(what, path);
  children.push(child);
  return child;
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length * part)] ?? Number.NaN;
}

describe('several processes on one file', () => {
  it('make its tables at the same moment, and each can use it', async () => {
    const codes = await Promise.all(Array.from({ length: 4 }, () => start('publish').ended));
    expect(codes).toEqual([0, 0, 0, 0]);
    const backend = await openBackend();
    expect(await backend.admin.counts(['mail'])).toMatchObject([{ ready: 4 }]);
  });

  it('wake each other up, for messages and for results', async () => {
    const { broker, results } = await openBackend();
    await start('echo').ready;
    const roundTrips: number[] = [];
    for (let round = 0; round < 30; round++) {
      const startedAt = performance.now();
      await broker.publish([message('mail', `m${round}`)]);
      expect(await results.wait(`m${round}`, { timeoutMs: 10_000 })).toMatchObject({ state: 'SUCCESS' });
      roundTrips.push(performance.now() - startedAt);
    }
    // Two wake-ups, each about the time between two looks at the file; loose because the machine may be busy.
    expect(percentile(roundTrips, 0.5)).toBeLessThan(100);
  });

  it('get back at once what a process held that was killed', async () => {
    const { broker } = await openBackend();
    await broker.publish([message('mail', 'a', { messageGroup: 'A' }), message('mail', 'b')]);
    const child = start('hold');
    await child.ready;
    expect(await broker.receive('mail', { maxMessages: 5, waitMs: 0 })).toEqual([]);
    await child.kill();
    const killedAt = performance.now();
    const found: Delivery[] = [];
    while (found.length < 2) found.push(...(await broker.receive('mail', { maxMessages: 5, waitMs: 10_000 })));
    expect(performance.now() - killedAt).toBeLessThan(2000);
    expect(texts(found)).toEqual(['a', 'b']);
    expect(found.map(({ deliveryCount }) => deliveryCount)).toEqual([2, 2]);
  });

  it('find what a dead process held when they open the file', async () => {
    const before = await openBackend();
    await before.broker.publish([message('mail', 'a')]);
    const child = start('hold');
    await child.ready;
    await child.kill();
    const after = await openBackend();
    const [delivery] = await after.broker.receive('mail', { maxMessages: 1, waitMs: 0 });
    expect(delivery?.message.correlationId).toBe('a');
  });

  it('do not keep each other from small writes, however much one of them writes', async () => {
    const backend = await openBackend();
    await start('saturate').ready;
    const waits: number[] = [];
    for (let round = 0; round < 200; round++) {
      const startedAt = performance.now();
      await backend.transaction?.(({ database }) => database.exec('CREATE TABLE IF NOT EXISTS orders (id INTEGER)'));
      await backend.results.revoke([`r${round}`]);
      waits.push((performance.now() - startedAt) / 2);
    }
    expect(percentile(waits, 0.99)).toBeLessThan(100);
  });
});
