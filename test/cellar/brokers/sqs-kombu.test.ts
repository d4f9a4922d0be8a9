/**
 * Celery's own producer and worker (kombu's SQS transport) and Cellar on the same queues, on ministack.
 *
 * Cellar makes FIFO queues only, so what it sends reaches Celery on these; what Celery sends to a standard queue reaches
 * a function that is attached to it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Cellar, chain, loadSettings, type RunningWorker, startWorker, task, topology, worker } from 'cellar';
import { sqsHandler } from 'cellar/lambda';
import * as z from 'zod/mini';
import { systemRuntime } from '../../../shared/cellar/clock.ts';
import { functionBackend } from '../../../shared/cellar/lambda/function-backend.ts';
import { registryOf } from '../../../shared/cellar/worker/registry.ts';
import {
  type CeleryCall,
  type CeleryProducer,
  type CeleryWorker,
  startCeleryProducer,
  startCeleryWorker,
} from '../../support/aws/celery-on-sqs.ts';
import {
  EMULATED_ACCOUNT,
  EMULATED_REGION,
  type Emulator,
  hasEmulator,
  startEmulator,
} from '../../support/aws/emulator.ts';
import { hasCelery } from '../../support/celery.ts';
import { until } from '../../support/running-shop.ts';
import { callsTo } from '../results/dynamodb/dynamo-rig.ts';
import { collectingLog } from '../worker/rig.ts';

jest.setTimeout(120_000);
const AMPLE_MS = 60_000;
/** As test/celery/sqs_app.py has it. */
const PREFIX = 'mixed';
const shared = topology({ queues: { kitchen: {}, python: {} } });

const kitchen = worker({ queue: 'kitchen' });
const add = task('kitchen.add', { params: { x: z.int(), y: z.int() }, returns: z.int(), queue: 'kitchen' });
const note = task('kitchen.note', { params: { name: z.string() }, queue: 'kitchen' });
const fail = task('kitchen.fail', { params: {}, queue: 'kitchen' });
const pythonAdd = task('python.add', { params: { x: z.int(), y: z.int() }, returns: z.int(), queue: 'python' });
const pythonNote = task('python.note', {
  params: { name: z.string(), due: z.optional(z.number()) },
  queue: 'python',
});

(hasEmulator('ministack') && hasCelery() ? describe : describe.skip)('Celery and Cellar on the same SQS queues', () => {
  let emulator: Emulator;
  let folder: string;
  let cellar: Cellar;
  let sqs: SQSClient;
  let poller: RunningWorker | undefined;
  let producer: CeleryProducer | undefined;
  let celery: CeleryWorker | undefined;
  const { log, logged } = collectingLog();
  const noted: { readonly name: string; readonly atMs: number }[] = [];

  const [handlers] = registryOf(
    [
      kitchen.handle(add, (_context, { x, y }) => x + y),
      kitchen.handle(note, (_context, { name }) => void noted.push({ name, atMs: Date.now() })),
      kitchen.handle(fail, () => {
        throw new RangeError('the soup is burnt');
      }),
    ].map((handler, index) => ({ handler, source: `handler ${index}` })),
  ).values();

  beforeAll(async () => {
    emulator = await startEmulator('ministack');
    folder = await mkdtemp(join(tmpdir(), 'cellar-kombu-'));
    sqs = new SQSClient({ region: EMULATED_REGION, endpoint: emulator.endpoint });
    cellar = await Cellar.open({ settings: settings(), topology: shared, log });
    await sqs.send(new CreateQueueCommand({ QueueName: `${PREFIX}-plain` }));
  });
  afterAll(async () => {
    await poller?.stop();
    await producer?.stop();
    await celery?.stop();
    await cellar?.close();
    sqs?.destroy();
    await rm(folder, { recursive: true });
    await emulator?.stop();
  });

  const settings = () =>
    loadSettings({
      CELLAR_BROKER_URL: `sqs://${EMULATED_REGION}/${EMULATED_ACCOUNT}/${PREFIX}?create=true`,
      AWS_ENDPOINT_URL: emulator.endpoint,
    });
  const options = () => ({ endpoint: emulator.endpoint, folder });
  const send = async (...calls: readonly CeleryCall[]) => {
    producer ??= startCeleryProducer(options());
    return await producer.send(calls);
  };
  const here = () => {
    if (handlers === undefined) throw new Error('there are handlers');
    return handlers;
  };
  const isEmpty = async (queue: string) => {
    const [counts] = await cellar.backend.admin.counts([queue]);
    return counts?.ready === 0 && counts.inFlight === 0;
  };

  const urlOf = (name: string) => `${emulator.endpoint}/${EMULATED_ACCOUNT}/${PREFIX}-${name}`;

  async function openInFunction(): Promise<Cellar> {
    const location = {
      region: EMULATED_REGION,
      account: EMULATED_ACCOUNT,
      prefix: PREFIX,
      endpoint: emulator.endpoint,
    };
    const calls = callsTo(emulator.endpoint);
    const backend = functionBackend({ location, calls, runtime: systemRuntime, resultExpiresSeconds: 600 });
    return await Cellar.open({ settings: settings(), topology: shared, backend, log });
  }

  async function taken(name: string, count: number): Promise<readonly Message[]> {
    const messages: Message[] = [];
    await until(async () => {
      const input = { QueueUrl: urlOf(name), MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
      messages.push(...((await sqs.send(new ReceiveMessageCommand(input))).Messages ?? []));
      return messages.length >= count;
    }, AMPLE_MS);
    return messages;
  }

  describe('a function of Cellar', () => {
    it.each([
      ['a FIFO queue', 'kitchen', 'kitchen.fifo', true],
      ['a FIFO queue, without base64', 'kitchen', 'kitchen.fifo', false],
      ['a standard queue', 'plain', 'plain', true],
    ])('runs what Celery sent to %s', async (_what, queue, name, base64) => {
      const calls = [
        { task: 'kitchen.add', args: [20, 22], options: { queue } },
        { task: 'kitchen.add', kwargs: { x: 1, y: 2 }, options: { queue } },
      ];
      const other = startCeleryProducer(options(), { base64 });
      const ids = await other.send(calls);
      await other.stop();
      const messages = await taken(name, 2);
      const handle = sqsHandler(here(), openInFunction);
      const Records = messages.map(recordOf);
      expect(await handle({ Records }, { getRemainingTimeInMillis: () => 60_000 })).toEqual({ batchItemFailures: [] });
      for (const { ReceiptHandle } of messages) {
        await sqs.send(new DeleteMessageCommand({ QueueUrl: urlOf(name), ReceiptHandle }));
      }
      expect(await Promise.all(ids.map((id) => cellar.result(id).get()))).toEqual([42, 3]);
    });
  });

  describe('a worker process of Cellar', () => {
    beforeAll(async () => {
      poller = await startWorker(cellar, here());
    });

    it('runs what Celery sent, each message group in its order', async () => {
      const calls = ['a1', 'b1', 'a2', 'b2', 'a3'].map((name) => ({
        task: 'kitchen.note',
        args: [name],
        options: { queue: 'kitchen', MessageGroupId: name.slice(0, 1) },
      }));
      await send(...calls);
      await until(() => noted.length === 5, AMPLE_MS);
      const names = noted.map(({ name }) => name);
      expect(names.filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
      expect(names.filter((name) => name.startsWith('b'))).toEqual(['b1', 'b2']);
      await until(() => isEmpty('kitchen'), AMPLE_MS);
    });

    it('keeps the time that Celery set, which FIFO queues do not', async () => {
      const sentMs = Date.now();
      await send({ task: 'kitchen.note', args: ['later'], options: { queue: 'kitchen', countdown: 2 } });
      const later = await until(() => noted.find(({ name }) => name === 'later'), AMPLE_MS);
      expect(later.atMs).toBeGreaterThanOrEqual(sentMs + 2_000);
    });

    it('keeps what failed with its reason', async () => {
      const [id = ''] = await send({ task: 'kitchen.fail', options: { queue: 'kitchen' } });
      await expect(cellar.result(id).get({ timeoutMs: AMPLE_MS })).rejects.toThrow('the soup is burnt');
      const dead = await until(async () => {
        const letters = await cellar.backend.admin.peek('kitchen', { place: 'dead', limit: 10 });
        return letters.length > 0 && letters;
      }, AMPLE_MS);
      expect(dead).toMatchObject([{ reason: 'failed: RangeError: the soup is burnt', message: { correlationId: id } }]);
    });
  });

  describe('a worker of Celery', () => {
    beforeAll(async () => {
      celery = startCeleryWorker(options());
    });

    async function stored(id: string) {
      return await until(() => celery?.result(id), AMPLE_MS).catch((error: unknown) => {
        throw new Error(`Celery stored nothing: ${celery?.output()}`, { cause: error });
      });
    }

    it('runs what Cellar sent, and acknowledges it', async () => {
      const { id } = await cellar.send(pythonAdd({ x: 40, y: 2 }));
      expect(await stored(id)).toMatchObject({ status: 'SUCCESS', result: 42 });
      await until(() => isEmpty('python'), AMPLE_MS);
      expect(celery?.output()).not.toMatch(/Traceback|Error/);
      expect(logged.filter((line) => line.startsWith('warn'))).toEqual([]);
    });

    it('runs a message group in its order', async () => {
      const names = ['g1', 'g2', 'g3'];
      for (const name of names) await cellar.send(pythonNote({ name }), { messageGroup: 'g' });
      await until(async () => (await celery?.notes())?.length === names.length, AMPLE_MS);
      expect(await celery?.notes()).toEqual(names);
    });

    it('gets what has a time not before it', async () => {
      const due = (Date.now() + 2_000) / 1000;
      const { id } = await cellar.send(pythonNote({ name: 'later', due }), { countdown: 2 });
      const { result } = await stored(id);
      expect((result as { readonly now: number }).now).toBeGreaterThanOrEqual(due);
      expect(result).toMatchObject({ info: { exchange: '', routing_key: 'python.fifo' } });
      await until(() => isEmpty('python'), AMPLE_MS);
    });

    it.each(['Celery', 'Cellar'])('takes turns with Cellar in a chain that %s began', async (who) => {
      const [id = ''] =
        who === 'Celery'
          ? await send({
              chain: [
                { task: 'kitchen.add', args: [1, 2], options: { queue: 'kitchen' } },
                { task: 'python.add', args: [10], options: { queue: 'python' } },
                { task: 'kitchen.add', args: [100], options: { queue: 'kitchen' } },
              ],
            })
          : [(await cellar.send(chain(add({ x: 1, y: 2 }), pythonAdd.partial({ y: 10 }), add.partial({ y: 100 })))).id];
      expect(await cellar.result(id).get({ timeoutMs: AMPLE_MS })).toBe(113);
    });
  });
});

/** As an event source mapping hands it over. */
function recordOf({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} }: Message) {
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0', ...Attributes },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${EMULATED_REGION}:${EMULATED_ACCOUNT}:queue`,
    awsRegion: EMULATED_REGION,
  };
}
