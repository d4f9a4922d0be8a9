/** A process that works on both queues until it is killed: `node rabbitmq.ts <broker> <results> <log>`. */
import { Cellar, loadSettings } from 'cellar';
import { notingHandlers } from './handlers.ts';
import { killTopology } from './rabbitmq-topology.ts';

const [broker = '', results = '', log = ''] = process.argv.slice(2);

await Cellar.open({
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
