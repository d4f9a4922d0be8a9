/** What a function does on AWS, beside a process of the same application. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { task, topology, worker } from 'cellar';
import { type SqsEvent, sqsHandler, toSqsRecord } from 'cellar/lambda';
import * as z from 'zod/mini';
import type { AwsCalls } from '../../../shared/cellar/aws/calls.ts';
import type { AwsLocation } from '../../../shared/cellar/aws/location.ts';
import type { Backend } from '../../../shared/cellar/backend.ts';
import { createOnAws } from '../../../shared/cellar/brokers/aws/create/create-on-aws.ts';
import { openAws } from '../../../shared/cellar/brokers/aws/open-aws.ts';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import { functionBackend } from '../../../shared/cellar/lambda/function-backend.ts';
import { openClient } from '../../../shared/cellar/open-client.ts';
import { loadSettings } from '../../../shared/cellar/settings.ts';
import { registryOf } from '../../../shared/cellar/worker/registry.ts';
import { revokedUpdate } from '../../../shared/cellar/worker/result-update.ts';
import {
  EMULATED_ACCOUNT,
  EMULATED_REGION,
  type Emulator,
  hasEmulator,
  startEmulator,
} from '../../support/aws/emulator.ts';
import { until } from '../../support/running-shop.ts';
import { countedCalls } from '../results/dynamodb/counted-calls.ts';
import { callsTo } from '../results/dynamodb/dynamo-rig.ts';
import { collectingLog } from '../worker/rig.ts';

const shop = topology({
  queues: { work: {}, other: {} },
  exchanges: { events: { type: 'topic' } },
  bindings: [{ exchange: 'events', queue: 'other', key: '#.red.#' }],
});
const quiet = task('tests.quiet', { params: { name: z.string() }, queue: 'work', ignoreResult: true });
const loud = task('tests.loud', { params: { name: z.string() }, queue: 'work' });
const child = task('tests.child', { params: {}, queue: 'other' });
const ENOUGH = { getRemainingTimeInMillis: () => 60_000 };

(hasEmulator('ministack') ? describe : describe.skip)('the backend of a function', () => {
  let emulator: Emulator;
  let applications = 0;
  beforeAll(async () => {
    emulator = await startEmulator('ministack');
  }, 60_000);
  afterAll(() => emulator.stop());

  /** One application: a process beside a function of the queue `work`. */
  async function open() {
    const location: AwsLocation = {
      region: EMULATED_REGION,
      account: EMULATED_ACCOUNT,
      prefix: `function-${++applications}`,
      endpoint: emulator.endpoint,
    };
    const process = await openAws({
      location,
      calls: callsTo(emulator.endpoint),
      runtime,
      acknowledge: 'delete',
      resultExpiresSeconds: 600,
      selfMade: { create: createOnAws(location), revokedUpdate },
    });
    await process.broker.declare(shop);
    const calls = countedCalls(callsTo(emulator.endpoint));
    const backend = functionBackend({ location, calls, runtime, resultExpiresSeconds: 600 });
    return { process, backend, calls, ...(await handlerOn(backend, process)) };
  }

  async function handlerOn(backend: Backend, process: Backend) {
    const ran: string[] = [];
    const work = worker({ queue: 'work' });
    const [handlers] = registryOf(
      [
        work.handle(quiet, (_context, { name }) => void ran.push(name)),
        work.handle(loud, ({ send, publish }, { name }) => {
          send(child());
          publish('events', 'sold.red', child());
          ran.push(name);
          return name;
        }),
      ].map((handler) => ({ handler, source: 'test' })),
    ).values();
    if (handlers === undefined) throw new Error('there are no handlers');
    const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:' });
    const options = { settings, topology: shop, log: collectingLog().log };
    const handler = sqsHandler(handlers, () => openClient({ ...options, backend }));
    const client = await openClient({ ...options, backend: process });
    /** What waits in the queue, as Lambda would get it. */
    const event = async (): Promise<SqsEvent> => {
      const deliveries = await until(async () => {
        const some = await process.broker.receive('work', { maxMessages: 10, waitMs: 1_000 });
        return some.length > 0 && some;
      }, 10_000);
      return { Records: deliveries.map((delivery) => toSqsRecord(delivery)) };
    };
    return { ran, handler, client, event };
  }

  const closeAll = (...backends: readonly Backend[]) => Promise.all(backends.map(({ broker }) => broker.close()));

  it('makes one call for a task that neither stores nor sends: whether it is revoked', async () => {
    const { handler, client, event, ran, calls, backend, process } = await open();
    await client.send(quiet({ name: 'a' }));
    expect(await handler(await event(), ENOUGH)).toEqual({ batchItemFailures: [] });
    expect(ran).toEqual(['a']);
    expect(calls.made).toEqual(['BatchGetItem']);
    await closeAll(backend, process);
  });

  it('stores results, sends and publishes', async () => {
    const { handler, client, event, process, backend } = await open();
    const sent = await client.send(loud({ name: 'b' }));
    expect(await handler(await event(), ENOUGH)).toEqual({ batchItemFailures: [] });
    expect(await sent.get()).toBe('b');
    const copies: (string | undefined)[] = [];
    await until(async () => {
      const some = await process.broker.receive('other', { maxMessages: 10, waitMs: 1_000 });
      copies.push(...some.map(({ exchange }) => exchange));
      return copies.length === 2;
    }, 10_000);
    expect(copies.toSorted()).toEqual(['events', undefined]);
    await closeAll(backend, process);
  });

  it('does not run what is revoked, and dead-letters what fails', async () => {
    const { handler, client, event, process, backend, ran } = await open();
    const sent = await client.send(loud({ name: 'c' }));
    await client.revoke(sent.id);
    await process.broker.publish([
      {
        exchange: '',
        routingKey: 'work',
        headers: { id: 'x', task: 'tests.unknown' },
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        body: '[[],{},{}]',
        correlationId: 'x',
      },
    ]);
    const seen = new Set<string>();
    await until(async () => {
      const { Records } = await event();
      expect(await handler({ Records }, ENOUGH)).toEqual({ batchItemFailures: [] });
      for (const { messageId } of Records) seen.add(messageId);
      return seen.size === 2;
    }, 10_000);
    expect(ran).toEqual([]);
    expect(await sent.state()).toBe('REVOKED');
    expect(await client.result('x').state()).toBe('FAILURE');
    const dead = await process.admin.peek('work', { place: 'dead', limit: 5 });
    expect(dead.map(({ reason }) => reason)).toEqual(['failed: NotRegistered: tests.unknown']);
    await closeAll(backend, process);
  });

  it('closes its calls whether it was opened whole or not', async () => {
    let closed = 0;
    const calls: AwsCalls = { ...callsTo(emulator.endpoint), close: () => closed++ };
    const location = { region: EMULATED_REGION, account: EMULATED_ACCOUNT, prefix: 'closing' };
    const whole = functionBackend({ location, calls, runtime, resultExpiresSeconds: 600 });
    await functionBackend({ location, calls, runtime, resultExpiresSeconds: 600 }).broker.close();
    await whole.broker.declare(shop);
    expect(await whole.needsRecheck?.('events', 'other')).toBe(true);
    await whole.broker.close();
    expect(closed).toBe(2);
  });
});
