/** A process that produces parents and works on both queues until it is killed: `node rabbitmq.ts <broker> <results> <log>`. */
import { appendFileSync } from 'node:fs';
import { Cellar, loadSettings, type Signature } from 'cellar';
import { notingHandlers } from './handlers.ts';
import { killTopology, parent } from './rabbitmq-topology.ts';

const [broker = '', results = '', log = ''] = process.argv.slice(2);

const cellar = await Cellar.open({
  settings: loadSettings({
    CELLAR_BROKER_URL: broker,
    CELLAR_RESULT_BACKEND: results,
    CELLAR_WORKER_CONCURRENCY: '4',
    CELLAR_LOG_LEVEL: 'error',
  }),
  topology: killTopology,
  handlers: notingHandlers(log),
});

console.log('ready');
for (let number = 0; ; number += 5) {
  const calls: Signature<number>[] = [0, 1, 2, 3, 4].map((offset) => parent({ number: number + offset }));
  const sent = await cellar.sendAll(calls);
  appendFileSync(log, `sent ${sent.map(({ id }) => id).join(' ')}\n`);
  await sent[0]?.get({ timeoutMs: 60_000 });
}
