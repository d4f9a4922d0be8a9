/**
 * Raw figures of the embedded broker: no worker, no codec, one process.
 * Usage: node bench/embedded-broker.ts [messages] [process|power]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../shared/cellar/backend.ts';
import type { OutgoingMessage, Settlement } from '../shared/cellar/broker.ts';
import { openEmbedded } from '../shared/cellar/brokers/embedded/open-embedded.ts';
import { systemRuntime } from '../shared/cellar/clock.ts';
import type { ResultUpdate } from '../shared/cellar/result-store.ts';
import { topology } from '../shared/cellar/topology.ts';

const messages = Number(process.argv[2] ?? 100_000);
const durability = process.argv[3] === 'power' ? 'power' : 'process';
const PUBLISH_BATCH = 500;
const RECEIVE_BATCH = 128;

/** A message as the core makes it: all of Celery's headers, about 600 bytes together with its body. */
function message(): OutgoingMessage {
  const id = systemRuntime.newId();
  return {
    exchange: '',
    routingKey: 'mail',
    headers: {
      lang: 'js',
      task: 'orders.tasks.order_created',
      id,
      shadow: null,
      eta: null,
      expires: null,
      group: null,
      group_index: null,
      retries: 0,
      timelimit: [null, null],
      root_id: id,
      parent_id: null,
      argsrepr: '[42]',
      kwargsrepr: '{}',
      origin: 'gen4242@host',
      ignore_result: false,
      replaced_task_nesting: 0,
      stamped_headers: null,
      stamps: {},
    },
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    body: '[[42],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]',
    correlationId: id,
  };
}

interface Measured {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

/** Time passed and processor time used; the second tells more on a machine that does other things too. */
function measure(): () => Measured {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { milliseconds: performance.now() - startedAt, cpuMilliseconds: (user + system) / 1000 };
  };
}

async function publishAll(backend: Backend, groups: number): Promise<Measured> {
  const batches = Array.from({ length: messages / PUBLISH_BATCH }, () =>
    Array.from({ length: PUBLISH_BATCH }, (_, index) =>
      groups === 0 ? message() : { ...message(), messageGroup: `g${index % groups}` },
    ),
  );
  const measured = measure();
  const LANES = 4;
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      for (let index = lane; index < batches.length; index += LANES) await backend.broker.publish(batches[index] ?? []);
    }),
  );
  return measured();
}

async function consumeAll(backend: Backend, withResults: boolean): Promise<Measured> {
  const measured = measure();
  let left = messages;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const deliveries = await backend.broker.receive('mail', { maxMessages: RECEIVE_BATCH, waitMs: 20 });
      left -= deliveries.length;
      const settlements = deliveries.map((delivery): Settlement => {
        const settlement = { delivery, publish: [], disposition: { kind: 'ack' } } as const;
        return withResults ? { ...settlement, result: resultOf(delivery.message.correlationId) } : settlement;
      });
      await backend.broker.settle(settlements);
    }
  };
  await Promise.all([lane(), lane()]);
  return measured();
}

function resultOf(id: string): ResultUpdate {
  return {
    id,
    state: 'SUCCESS',
    result: '42',
    attempt: { retries: 0, generation: 0 },
    task: 'orders.tasks.order_created',
    args: '[42]',
    kwargs: '{}',
    queue: 'mail',
    worker: 'worker@host',
    rootId: id,
    startedAtMs: systemRuntime.clock.now(),
    doneAtMs: systemRuntime.clock.now(),
  };
}

async function latencies(backend: Backend, count: number): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let index = 0; index < count; index++) {
    const received = backend.broker.receive('mail', { maxMessages: 1, waitMs: 1000 });
    const startedAt = performance.now();
    void backend.broker.publish([message()]);
    const [delivery] = await received;
    if (delivery === undefined) continue;
    await backend.broker.settle([{ delivery, publish: [], disposition: { kind: 'ack' } }]);
    taken.push(performance.now() - startedAt);
  }
  return taken.sort((left, right) => left - right);
}

async function idleCpu(backend: Backend, milliseconds: number): Promise<number> {
  const before = process.cpuUsage();
  await backend.broker.receive('mail', { maxMessages: 1, waitMs: milliseconds });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / milliseconds;
}

function report(what: string, { milliseconds, cpuMilliseconds }: Measured): void {
  const rate = Math.round((messages / milliseconds) * 1000).toLocaleString('en');
  const cpu = ((cpuMilliseconds / messages) * 1000).toFixed(1);
  console.log(`${what.padEnd(44)} ${rate.padStart(8)} /s, ${cpu} µs of processor each`);
}

const folder = await mkdtemp(join(tmpdir(), 'cellar-bench-'));
const backend = await openEmbedded({
  path: join(folder, 'cellar.db'),
  runtime: systemRuntime,
  durability,
  resultExpiresSeconds: 86_400,
});
await backend.broker.declare(topology({ queues: { mail: {} } }));
try {
  console.log(
    `${messages.toLocaleString('en')} messages, durability ${durability}, ${JSON.stringify(message()).length} bytes as JSON`,
  );
  await publishAll(backend, 0);
  await consumeAll(backend, false);
  report(`publish, batches of ${PUBLISH_BATCH}`, await publishAll(backend, 0));
  report(`receive and settle, batches of ${RECEIVE_BATCH}`, await consumeAll(backend, false));
  report(`publish, 100 message groups`, await publishAll(backend, 100));
  report(`receive and settle, 100 message groups`, await consumeAll(backend, false));
  await publishAll(backend, 0);
  report(`receive and settle with results`, await consumeAll(backend, true));
  const taken = await latencies(backend, 2000);
  const at = (part: number): string => (taken[Math.floor(taken.length * part)] ?? 0).toFixed(3);
  console.log(`publish to settled, one at a time (ms)`.padEnd(44), `p50 ${at(0.5)}, p99 ${at(0.99)}`);
  console.log('idle, waiting (share of one core)'.padEnd(44), (await idleCpu(backend, 3000)).toFixed(4));
} finally {
  await backend.broker.close();
  await rm(folder, { recursive: true });
}
