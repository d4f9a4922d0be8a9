import type { BrokerCapabilities, QueueCounts } from '../../broker.ts';
import { listSchedules, type ScheduleView } from '../../inspect/list-schedules.ts';
import { listTasks } from '../../inspect/list-tasks.ts';
import type { TaskView } from '../../inspect/task-view.ts';
import { wholeNumber } from '../../settings/value-reader.ts';
import { command } from '../command.ts';
import { anyText, option } from '../flag.ts';
import { knownQueue } from '../known-queue.ts';
import { shownArguments, shownDuration, shownResult, shownTime } from '../shown.ts';
import { type Column, table } from '../table.ts';
import { taskJson } from '../task-report.ts';
import { withCellar } from '../with-cellar.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100_000;

export const inspect = command({
  name: 'inspect',
  summary: 'Shows queues with their counts, the latest tasks, or the schedules with their next run.',
  example: 'tasks --state FAILURE --limit 20',
  positionals: { WHAT: { help: 'what to show', choices: ['queues', 'tasks', 'schedules'] } },
  flags: {
    state: option('STATE', 'tasks: only those in this state, such as PENDING or FAILURE', anyText),
    task: option('NAME', 'tasks: only those whose name contains this', anyText),
    queue: option('QUEUE', 'tasks and queues: only this queue', anyText),
    limit: option('N', `tasks: at most so many (default: ${DEFAULT_LIMIT})`, wholeNumber(1, MAX_LIMIT)),
  },
  run: (context, { WHAT }, { state, task, queue, limit = DEFAULT_LIMIT }) =>
    withCellar(context, async ({ cellar }) => {
      const { output, common } = context;
      const { timeZone } = cellar.settings;
      const nowMs = cellar.runtime.clock.now();
      const only = queue === undefined ? undefined : knownQueue(cellar.topology, queue);
      const show = <Row>(rows: readonly Row[], columns: readonly Column<Row>[], json: (row: Row) => object): void => {
        if (common.json) output.json(rows.map(json));
        else if (rows.length === 0) output.note(`no ${WHAT}`);
        else output.text(table(rows, columns));
      };
      if (WHAT === 'queues') {
        const counts = await cellar.admin.counts(only === undefined ? Object.keys(cellar.topology.queues) : [only]);
        show(counts, queueColumns(nowMs), (row) => row);
      } else if (WHAT === 'schedules') {
        show(await listSchedules(cellar), scheduleColumns(), (row) => row);
      } else {
        const filter = {
          limit,
          ...given('state', state?.toUpperCase()),
          ...given('task', task),
          ...given('queue', only),
        };
        show(await listTasks(cellar, filter), taskColumns(timeZone), taskJson);
      }
      const unseen = common.json ? undefined : unseenOf(WHAT, cellar.backend.broker.capabilities);
      if (unseen !== undefined) output.note(unseen);
      return 0;
    }),
});

/** What a list lacks on this broker. */
function unseenOf(what: string, { peekable, exactCounts }: BrokerCapabilities): string | undefined {
  if (what === 'tasks' && !peekable.includes('ready'))
    return 'tasks that wait in their queues are not listed: this broker lets nobody look into them';
  if (what === 'queues' && !exactCounts)
    return 'counts lag by some seconds on this broker, and what waits for its time is not counted';
  return undefined;
}

function given<Name extends string>(name: Name, value: string | undefined): { readonly [Key in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]: string });
}

function queueColumns(nowMs: number): readonly Column<QueueCounts>[] {
  return [
    { title: 'QUEUE', cell: ({ queue }) => queue },
    { title: 'READY', cell: ({ ready }) => ready, align: 'right' },
    { title: 'IN FLIGHT', cell: ({ inFlight }) => inFlight, align: 'right' },
    { title: 'DELAYED', cell: ({ delayed }) => delayed, align: 'right' },
    { title: 'DEAD', cell: ({ dead }) => dead, align: 'right' },
    {
      title: 'OLDEST READY',
      cell: ({ oldestReadyAtMs: oldest }) =>
        shownDuration(oldest === undefined ? undefined : Math.max(0, nowMs - oldest)),
      align: 'right',
    },
  ];
}

function taskColumns(timeZone: string): readonly Column<TaskView>[] {
  return [
    { title: 'ID', cell: ({ id }) => id },
    {
      title: 'TASK',
      cell: ({ task, args, kwargs }) => `${task || '?'}(${shownArguments(args, kwargs)})`,
      maxWidth: 60,
    },
    { title: 'STATE', cell: ({ state }) => state },
    { title: 'QUEUE', cell: ({ queue }) => queue },
    { title: 'CHANGED', cell: ({ changedAtMs }) => shownTime(changedAtMs, timeZone) },
    { title: 'DUE', cell: ({ dueAtMs }) => shownTime(dueAtMs, timeZone) },
    { title: 'RUNTIME', cell: ({ runtimeMs }) => shownDuration(runtimeMs), align: 'right' },
    { title: 'RESULT', cell: ({ state, result, reason }) => shownResult(state, result) ?? reason, maxWidth: 60 },
  ];
}

function scheduleColumns(): readonly Column<ScheduleView>[] {
  return [
    { title: 'SCHEDULE', cell: ({ name }) => name },
    { title: 'WHEN', cell: ({ words }) => words },
    { title: 'TASK', cell: ({ task, args, kwargs }) => `${task}(${shownArguments(args, kwargs)})`, maxWidth: 60 },
    { title: 'QUEUE', cell: ({ queue }) => queue },
    { title: 'LAST FIRED', cell: ({ lastFiredMs, timeZone }) => shownTime(lastFiredMs, timeZone) },
    { title: 'NEXT DUE', cell: ({ nextDueMs, timeZone }) => shownTime(nextDueMs, timeZone) },
    { title: 'ZONE', cell: ({ timeZone }) => timeZone },
  ];
}
