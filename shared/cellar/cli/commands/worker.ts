import { command } from '../command.ts';
import { untilStopped } from '../until-stopped.ts';
import { withCellar } from '../with-cellar.ts';
import { runWorker } from '../worker/run-worker.ts';
import { settingsOfFlags, workerFlags } from '../worker/worker-flags.ts';

export const worker = command({
  name: 'worker',
  summary:
    'Runs the tasks of the application until SIGTERM or SIGINT: what runs is finished; a second signal, or SIGQUIT, stops at once.',
  example: '--queues mail,invoices --concurrency 4',
  moreExamples: [
    '--broker amqp://guest:guest@localhost:5672// -Q mail -n mail@%h -E',
    '--pool processes -c 2 --time-limit 60 --max-tasks-per-child 1000',
    '--ready-file /run/cellar.ready --health-port 8080 --health-host 0.0.0.0',
  ],
  positionals: {},
  flags: workerFlags,
  run: (context, _args, flags) =>
    untilStopped(context, (stops) =>
      withCellar(
        context,
        async (open) => {
          await runWorker(context, { open, flags, stops });
          return 0;
        },
        { quiet: false, settings: settingsOfFlags(flags) },
      ),
    ),
});
