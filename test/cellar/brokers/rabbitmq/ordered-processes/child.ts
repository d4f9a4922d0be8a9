/** A process that takes messages of an ordered queue and says so, one line a start and one an end, until it is killed. */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { topology } from '../../../../../shared/cellar/topology.ts';
import { openOnUrl } from '../open-on-url.ts';

const [url = '', queue = ''] = process.argv.slice(2);
const { broker } = await openOnUrl(url);
await broker.declare(
  topology({ queues: { [queue]: { ordered: true, type: queue.endsWith('classic') ? 'classic' : 'quorum' } } }),
);
process.stdout.write('ready\n');

async function run(delivery: Awaited<ReturnType<typeof broker.receive>>[number]): Promise<void> {
  const { correlationId } = delivery.message;
  process.stdout.write(`start ${correlationId}\n`);
  await sleep(Math.random() * 4);
  process.stdout.write(`end ${correlationId}\n`);
  await broker.settle([{ delivery, publish: [], disposition: { kind: 'ack' } }]);
}

for (;;) {
  const deliveries = await broker.receive(queue, { maxMessages: 20, waitMs: 20_000 });
  const lanes = Map.groupBy(deliveries, ({ messageGroup }) => messageGroup);
  for (const lane of lanes.values()) {
    void (async () => {
      for (const delivery of lane) await run(delivery);
    })();
  }
}
