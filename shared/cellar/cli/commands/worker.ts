import { CellarError } from '../../errors.ts';
import { brokerName } from '../../inspect/broker-name.ts';
import { wholeNumber } from '../../settings/value-reader.ts';
import { discover } from '../../worker/discover.ts';
import type { QueueHandlers } from '../../worker/registry.ts';
import { type RunningWorker, startWorker } from '../../worker/start-worker.ts';
import { type CommandContext, command } from '../command.ts';
import { nameList, option } from '../flag.ts';
import { knownQueue } from '../known-queue.ts';
import { aborted, type Stops, untilStopped } from '../until-stopped.ts';
import { type OpenApp, withCellar } from '../with-cellar.ts';

export const worker = command({
  name: 'worker',
  summary:
    'Runs the tasks of the application until SIGTERM or SIGINT: what runs is finished; a second signal stops at once.',
  example: '--queues mail,invoices --concurrency 4',
  positionals: {},
  flags: {
    queues: option('NAMES', 'queues to take from, divided by commas (default: all)', { ...nameList, short: 'Q' }),
    concurrency: option('N', 'tasks side by side in each queue', wholeNumber(1, 10_000)),
  },
  run: (context, _args, { queues, concurrency }) =>
    untilStopped(context, (stops) =>
      withCellar(
        context,
        async (open) => {
          const wanted = await handlersOf(open, queues);
          await work(context, { open, wanted, concurrency, stops });
          return 0;
        },
        { quiet: false },
      ),
    ),
});

async function handlersOf(
  { app, cellar }: OpenApp,
  queues: readonly string[] | undefined,
): Promise<readonly QueueHandlers[]> {
  if (app.workersFolder === undefined) {
    throw new CellarError('discovery', 'the application has no workersFolder, so there is nothing to run');
  }
  const names = queues?.map((name) => knownQueue(cellar.topology, name));
  const found = await discover(app.workersFolder, cellar.topology);
  return [...found].filter(([queue]) => names === undefined || names.includes(queue)).map(([, handlers]) => handlers);
}

interface Work {
  readonly open: OpenApp;
  readonly wanted: readonly QueueHandlers[];
  readonly concurrency: number | undefined;
  readonly stops: Stops;
}

async function work(context: CommandContext, { open: { cellar }, wanted, concurrency, stops }: Work): Promise<void> {
  const running: RunningWorker[] = [];
  const options = concurrency === undefined ? {} : { concurrency };
  try {
    for (const handlers of wanted) running.push(await startWorker(cellar, handlers, options));
    reportReady(context, wanted, brokerName(cellar.settings.brokerUrl));
    await aborted(stops.warm);
    cellar.log.info('stopping: what runs is finished; a second signal stops at once');
  } finally {
    const stopped = Promise.all(running.map((one) => one.stop()));
    await Promise.race([stopped, aborted(stops.cold)]);
    if (stops.cold.aborted) await Promise.all(running.map((one) => one.stop({ cold: true })));
    await stopped;
  }
}

function reportReady({ output, common }: CommandContext, wanted: readonly QueueHandlers[], broker: string): void {
  const queues = wanted.map(({ worker: { queue } }) => queue);
  const tasks = [...new Set(wanted.flatMap(({ handlers }) => [...handlers.keys()]))];
  if (common.json) output.json({ ready: 'worker', broker, queues, tasks });
  else output.text(`ready: worker on ${broker}, queues ${queues.join(', ')}, ${tasks.length} tasks\n`);
}
