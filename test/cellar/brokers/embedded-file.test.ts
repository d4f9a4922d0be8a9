import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Backend, BackendTransaction } from '../../../shared/cellar/backend.ts';
import { openEmbedded } from '../../../shared/cellar/brokers/embedded/open-embedded.ts';
import { message } from '../../conformance/deliveries.ts';
import { type ManualClock, manualClock, manualRuntime } from '../../support/manual-clock.ts';
import { topology } from './embedded-processes/open-child.ts';

let folder: string;
let path: string;
let clock: ManualClock;
let backend: Backend;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cellar-file-'));
  path = join(folder, 'cellar.db');
  clock = manualClock();
  backend = await open();
  await backend.broker.declare(topology);
});

afterEach(async () => {
  await backend.broker.close();
  await rm(folder, { recursive: true });
});

function open(): Promise<Backend> {
  return openEmbedded({ path, runtime: manualRuntime(clock), durability: 'power', resultExpiresSeconds: 600 });
}

async function transaction<T>(work: (transaction: BackendTransaction) => T): Promise<T> {
  if (backend.transaction === undefined) throw new Error('the embedded broker has transactions');
  return await backend.transaction(work);
}

async function ready(): Promise<number | undefined> {
  return (await backend.admin.counts(['mail']))[0]?.ready;
}

describe('a transaction of the application', () => {
  const orders = 'CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY)';

  it('writes its rows and publishes its messages together, and answers with its value', async () => {
    const value = await transaction(({ database, publish }) => {
      database.exec(orders);
      database.prepare('INSERT INTO orders (id) VALUES (?)').run(42);
      publish([message('mail', 'a')]);
      return 'done';
    });
    expect(value).toBe('done');
    expect(await ready()).toBe(1);
    expect(await transaction(({ database }) => database.prepare('SELECT id FROM orders').get())).toEqual({ id: 42 });
  });

  it('leaves nothing when its work throws, and does not disturb others of the same commit', async () => {
    await transaction(({ database }) => database.exec(orders));
    const outcomes = await Promise.allSettled([
      backend.broker.publish([message('mail', 'before')]),
      transaction(({ database, publish }) => {
        database.prepare('INSERT INTO orders (id) VALUES (1)').run();
        publish([message('mail', 'lost')]);
        throw new Error('the card was declined');
      }),
      transaction(({ database }) => database.prepare('INSERT INTO orders (id) VALUES (2)').run()),
      backend.broker.publish([message('mail', 'after')]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { message: 'the card was declined' } });
    expect(await ready()).toBe(2);
    const rows = await transaction(({ database }) => database.prepare('SELECT id FROM orders').all());
    expect(rows).toEqual([{ id: 2 }]);
  });

  it('throws inside the work when a message is refused', async () => {
    const work = transaction(({ publish }) => publish([message('mail', 'a'), message('nowhere', 'b')]));
    await expect(work).rejects.toMatchObject({ code: 'unknown-queue' });
    expect(await ready()).toBe(0);
  });

  it('refuses work that is not synchronous', async () => {
    const work = transaction(async ({ publish }) => publish([message('mail', 'a')]));
    await expect(work).rejects.toMatchObject({ code: 'bad-arguments' });
    expect(await ready()).toBe(0);
  });

  it('wakes a call that waits for its message', async () => {
    const received = backend.broker.receive('mail', { maxMessages: 1, waitMs: 20_000 });
    await transaction(({ publish }) => publish([message('mail', 'a')]));
    expect((await received)[0]?.message.correlationId).toBe('a');
  });
});

describe('a file', () => {
  it('of a newer version is refused with a sentence', async () => {
    await backend.broker.close();
    const database = new DatabaseSync(path);
    database.exec('UPDATE cellar_schema SET version = 99');
    database.close();
    await expect(open()).rejects.toMatchObject({
      code: 'bad-settings',
      message: expect.stringMatching(/version 99, written by a newer Cellar; this one reads version \d+/),
    });
  });

  it('of an older version gets the tables that it lacks, and keeps what it has', async () => {
    await backend.broker.publish([message('mail', 'kept')]);
    await backend.broker.close();
    const database = new DatabaseSync(path);
    database.exec('DROP TABLE cellar_chords; DROP TABLE cellar_chord_parts; UPDATE cellar_schema SET version = 1');
    database.close();
    backend = await open();
    await backend.chords?.open('c', 2);
    expect(await ready()).toBe(1);
  });

  it('that is no database is refused', async () => {
    const other = join(folder, 'text.db');
    await writeFile(other, 'this is not a database, however long it may be '.repeat(20));
    const opened = openEmbedded({
      path: other,
      runtime: manualRuntime(clock),
      durability: 'process',
      resultExpiresSeconds: 1,
    });
    await expect(opened).rejects.toMatchObject({ code: 'broker-unavailable', cause: expect.anything() });
  });

  it('that cannot be written any more answers each call by its port, and the broker can still be closed', async () => {
    await backend.broker.publish([message('mail', 'a')]);
    const [delivery] = await backend.broker.receive('mail', { maxMessages: 1, waitMs: 0 });
    if (delivery === undefined) throw new Error('a delivery was expected');
    const breaking = new DatabaseSync(path);
    breaking.exec('DROP TABLE cellar_messages; DROP TABLE cellar_results');
    breaking.close();
    expect(await backend.broker.publish([message('mail', 'b')])).toMatchObject([
      { status: 'refused', code: 'broker-unavailable' },
    ]);
    const settlement = { delivery, publish: [], disposition: { kind: 'ack' } } as const;
    expect(await backend.broker.settle([settlement])).toMatchObject([{ status: 'failed' }]);
    const receive = backend.broker.receive('mail', { maxMessages: 1, waitMs: 0 });
    await expect(receive).rejects.toMatchObject({ code: 'broker-unavailable', cause: expect.anything() });
    await expect(backend.results.get(['a'])).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('keeps names of tables that begin with cellar_ to itself', async () => {
    const tables = await transaction(({ database }) =>
      database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all(),
    );
    expect(tables.length).toBeGreaterThan(5);
    for (const { name } of tables) expect(name).toMatch(/^cellar_/);
  });
});
