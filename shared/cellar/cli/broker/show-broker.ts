/** Lists what the broker and its stores know: queues, tasks, schedules. */
import type { BrokerCapabilities, QueueCounts } from '../../broker.ts';
import type { Cellar } from '../../cellar.ts';
import { listSchedules, type ScheduleView } from '../../inspect/list-schedules.ts';
import { listTasks } from '../../inspect/list-tasks.ts';
import type { TaskView } from '../../inspect/task-view.ts';
import type { CommandContext } from '../command.ts';
import { knownQueue } from '../known-queue.ts';
import { shownArguments, shownDuration, shownResult, shownTime } from '../shown.ts';
import { type Column, table } from '../table.ts';
import { taskJson } from '../task-report.ts';

export const BROKER_LISTS = ['queues', 'tasks', 'schedules'] as const;
type BrokerList = (typeof BROKER_LISTS)[number];

export interface ListFilter {
  readonly state: string | undefined;
  readonly task: string | undefined;
  readonly queue: string | undefined;
  readonly limit: number | undefined;
}

const DEFAULT_LIMIT = 50;

export function isBrokerList(what: string): what is BrokerList {
  return BROKER_LISTS.some((name) => name === what);
}

/** @throws CellarError `unknown-queue`, and what the broker throws */
export async function showBroker(
  context: CommandContext,
  cellar: Cellar,
  { what, filter }: { readonly what: BrokerList; readonly filter: ListFilter },
): Promise<void> {
  const { output, common } = context;
  const only = filter.queue === undefined ? undefined : knownQueue(cellar.topology, filter.queue);
  const show = <Row>(rows: readonly Row[], columns: readonly Column<Row>[], json: (row: Row) => object): void => {
    if (common.json) output.json(rows.map(json));
    else if (rows.length === 0) output.note(`no ${what}`);
    else output.text(table(rows, columns));
  };
  if (what === 'queues') {
    const counts = await cellar.admin.counts(only === undefined ? Object.keys(cellar.topology.queues) : [only]);
    show(counts, queueColumns(cellar.runtime.clock.now()), (row) => row);
  } else if (what === 'schedules') {
    show(await listSchedules(cellar), scheduleColumns(), (row) => row);
  } else {
    const wanted = {
      limit: filter.limit ?? DEFAULT_LIMIT,
      ...given('state', filter.state?.toUpperCase()),
      ...given('task', filter.task),
      ...given('queue', only),
    };
    show(await listTasks(cellar, wanted), taskColumns(cellar.settings.timeZone), taskJson);
  }
  const unseen = common.json ? undefined : unseenOf(what, cellar.backend.broker.capabilities);
  if (unseen !== undefined) output.note(unseen);
}

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
