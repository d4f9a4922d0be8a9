/** A process that produces parents and works on both queues until it is killed: `node embedded.ts <file> <log>`. */
import { appendFileSync } from 'node:fs';
import { Cellar, loadSettings, type Signature, worker } from 'cellar';
import { child, killTopology, parent } from './embedded-topology.ts';

const [path = '', log = ''] = process.argv.slice(2);
/** One line in one append: it is there as a whole or not at all, whenever the process dies. */
const note = (what: string, text: string): void => appendFileSync(log, `${what} ${text}\n`);

const parents = worker({ queue: 'parents' });
const children = worker({ queue: 'children' });
const handlers = [
  parents.handle(parent, async ({ request, send }, { number }) => {
    note('ran', request.id);
    for (const index of [0, 1]) send(child({ number, index }), { messageGroup: `child-${number % 7}` });
    return number;
  }),
  children.handle(child, async ({ request }) => note('ran', request.id)),
];

const cellar = await Cellar.open({
  settings: loadSettings({
    CELLAR_BROKER_URL: `embedded:${path}`,
    CELLAR_WORKER_CONCURRENCY: '4',
    CELLAR_LOG_LEVEL: 'error',
  }),
  topology: killTopology,
  handlers,
});

console.log('ready');
for (let number = 0; ; number += 5) {
  const calls: Signature<number>[] = [0, 1, 2, 3, 4].map((offset) =>
    parent({ number: number + offset }, offset === 0 ? {} : { messageGroup: `parent-${offset}` }),
  );
  const sent = await cellar.sendAll(calls);
  note('sent', sent.map(({ id }) => id).join(' '));
  await sent[0]?.get({ timeoutMs: 60_000 });
}
