/** 10,000 bad messages among good ones into a running RabbitMQ worker; `FUZZ_SEED` repeats a run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { hasRabbitmq, startRabbitmq, type TestRabbitmq } from '../support/rabbitmq.ts';
import { temporaryFolder, until } from '../support/running-shop.ts';
import { captures, damages, type RawMessage } from './bad-messages.ts';
import { chanceOf } from './chance.ts';

const COUNT = 10_000;
/** Every so many is good. */
const GOOD_EVERY = 10;
const WITHIN_MS = 100_000;
const QUEUE = 'celery';
const WORKER = fileURLToPath(new URL('worker/main.ts', import.meta.url));
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

function shown({ mark, damage, message: { headers, body } }: Sent): object {
  return { mark, damage, headers: JSON.stringify(headers).slice(0, 900), body: body.toString().slice(0, 200) };
}

interface Sent {
  readonly id: string;
  readonly mark: string;
  readonly damage: string | undefined;
  /** For who looks into a failure. */
  readonly message: RawMessage;
}

(hasRabbitmq() ? describe : describe.skip)('a worker under bad messages', () => {
  const folder = temporaryFolder();
  const log = join(folder.path, 'ran');
  const replies = new Map<string, string>();
  const reasons = new Map<string, string>();
  let rabbit: TestRabbitmq;
  let worker: ChildProcess;
  let connection: ChannelModel;
  let channel: ConfirmChannel;
  let replyTo: string;
  let faults = '';

  beforeAll(async () => {
    rabbit = await startRabbitmq();
    worker = spawn(process.execPath, [WORKER, rabbit.url, log], { stdio: ['ignore', 'pipe', 'pipe'] });
    worker.stderr?.on('data', (chunk: Buffer) => (faults = (faults + chunk.toString()).slice(-4_000)));
    const ready = new Promise<string>((resolve, reject) => {
      if (worker.stdout !== null) createInterface({ input: worker.stdout }).once('line', resolve);
      worker.once('exit', () => reject(new Error(`the worker ended: ${faults}`)));
    });
    expect(await ready).toBe('ready');
    connection = await connect(rabbit.url);
    channel = await connection.createConfirmChannel();
    replyTo = (await channel.assertQueue('', { exclusive: true })).queue;
    await channel.consume(
      replyTo,
      (reply) => {
        if (reply === null) return;
        const { status } = JSON.parse(reply.content.toString());
        replies.set(reply.properties.correlationId, status);
      },
      { noAck: true },
    );
  }, WITHIN_MS);

  afterAll(async () => {
    await connection?.close();
    if (worker?.exitCode === null) {
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      worker.kill('SIGTERM');
      await exited;
    }
    await rabbit?.stop();
    folder.remove();
  });

  /** Publishes a message with a mark that comes back with what becomes of it. */
  function publish({ body, headers, ...properties }: RawMessage, mark: string): void {
    channel.publish('', QUEUE, body, {
      ...properties,
      replyTo,
      headers: { ...headers, 'x-fuzz': mark },
      mandatory: true,
    });
  }

  function goodMessage(id: string, number: number): RawMessage {
    return {
      headers: { task: 'fuzz.good', id, lang: 'py' },
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      correlationId: id,
      body: Buffer.from(JSON.stringify([[number], {}, null])),
    };
  }

  async function publishAll(): Promise<readonly Sent[]> {
    const chance = chanceOf(seed);
    const names = Object.keys(damages);
    const sent: Sent[] = [];
    for (let number = 0; number < COUNT; number++) {
      const id = randomUUID();
      const mark = `m${number}`;
      const damage = number % GOOD_EVERY === 0 ? undefined : names[number % names.length];
      const captured = chance.pick(captures);
      const whole = { ...captured, headers: { ...captured.headers, id, task: 'proj.tasks.add' }, correlationId: id };
      const message = damage === undefined ? goodMessage(id, number) : damages[damage]?.(whole, chance);
      if (message === undefined) throw new Error(`no damage ${damage}`);
      publish(message, mark);
      sent.push({ id, mark, damage, message });
      if (number % 500 === 499) await channel.waitForConfirms();
    }
    await channel.waitForConfirms();
    return sent;
  }

  /** What was dead-lettered, by its mark, with its reason. */
  async function readDead(): Promise<void> {
    const { queue } = await channel.checkQueue(`${QUEUE}.dead`);
    await channel.consume(
      queue,
      (dead) => {
        if (dead === null) return;
        const { headers = {} } = dead.properties;
        reasons.set(String(headers['x-fuzz']), String(headers['x-cellar-reason'] ?? ''));
      },
      { noAck: true },
    );
  }

  const ranMarks = () => new Set(readFileSync(log, 'utf8').split('\n'));

  it(
    `outlives them (FUZZ_SEED=${seed}): each ends with a state or among the dead with a reason, and the good are done`,
    async () => {
      const sent = await publishAll();
      await until(async () => {
        if (worker.exitCode !== null) throw new Error(`the worker ended with ${worker.exitCode}: ${faults}`);
        return (await channel.checkQueue(QUEUE)).messageCount === 0;
      }, WITHIN_MS);
      await readDead();
      const ended = () => {
        const ran = ranMarks();
        return sent.filter(({ id, mark }) => !(ran.has(mark) || reasons.has(mark) || replies.has(id)));
      };
      await until(() => ended().length === 0, WITHIN_MS / 4).catch(() => undefined); // what is left is shown below
      expect(ended().slice(0, 5).map(shown)).toEqual([]);
      expect([...reasons.values()].filter((reason) => reason === '')).toEqual([]);
      const good = sent.filter(({ damage }) => damage === undefined);
      expect(good.filter(({ id }) => replies.get(id) !== 'SUCCESS')).toEqual([]);
      expect(reasons.size).toBeGreaterThan(COUNT / 4);
      publish(goodMessage('last', 1), 'last');
      await until(() => replies.get('last') === 'SUCCESS', WITHIN_MS);
      expect(worker.exitCode).toBeNull();
    },
    2 * WITHIN_MS,
  );
});
