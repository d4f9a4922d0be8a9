import { wholeNumber } from '../../settings/value-reader.ts';
import { BROKER_LISTS, isBrokerList, showBroker } from '../broker/show-broker.ts';
import { command } from '../command.ts';
import { anyText, option } from '../flag.ts';
import { inspections, showInspection } from '../nodes/inspections.ts';
import { nodeFlags } from '../nodes/node-flags.ts';
import { withCellar } from '../with-cellar.ts';

export const inspect = command({
  name: 'inspect',
  summary:
    'Shows queues with their counts, the latest tasks, or the schedules with their next run; on RabbitMQ what the workers answer.',
  example: 'tasks --state FAILURE --limit 20',
  moreExamples: [
    'ping',
    'active --destination mail@worker-1 --json',
    'query_task 8f14e45f-ceea-467f-a8d4-9c3b0c5d2f11',
  ],
  positionals: {
    WHAT: { help: 'what to show', choices: [...BROKER_LISTS, ...Object.keys(inspections)] },
    NAME: { help: 'query_task: ids of tasks; registered: which options of theirs', many: true },
  },
  flags: {
    state: option('STATE', 'tasks: only those in this state, such as PENDING or FAILURE', anyText),
    task: option('NAME', 'tasks: only those whose name contains this', anyText),
    queue: option('QUEUE', 'tasks and queues: only this queue', anyText),
    limit: option('N', 'tasks: at most so many (default: 50)', wholeNumber(1, 100_000)),
    ...nodeFlags,
  },
  run: (context, { WHAT: what, NAME: names }, { destination, timeout, ...filter }) =>
    withCellar(context, async ({ cellar }) => {
      if (isBrokerList(what)) await showBroker(context, cellar, { what, filter });
      else await showInspection(context, cellar, { what, names, flags: { destination, timeout } });
      return 0;
    }),
});
