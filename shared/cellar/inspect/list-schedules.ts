/** Lists the periodic tasks of a topology in plain words, with their last and next firing. */

import { encodeJson } from '../celery/tagged-json.ts';
import type { Cellar } from '../cellar.ts';
import { describeSchedule } from '../schedule/describe.ts';
import { nextDue } from '../schedule/next.ts';

export interface ScheduleView {
  readonly name: string;
  /** When it fires, in plain words. */
  readonly words: string;
  readonly task: string;
  readonly queue: string;
  /** Encoded JSON. */
  readonly args: string;
  readonly kwargs: string;
  /** The IANA zone in which it is read. */
  readonly timeZone: string;
  /** The due time last fired; absent until beat has fired it. */
  readonly lastFiredMs?: number;
  /** Absent when it will not fire again. */
  readonly nextDueMs?: number;
}

/** The schedules in the order of the topology. */
export async function listSchedules({
  topology,
  backend,
  runtime,
}: Pick<Cellar, 'topology' | 'backend' | 'runtime'>): Promise<readonly ScheduleView[]> {
  const fired = await backend.schedules.lastFired();
  const nowMs = runtime.clock.now();
  return Object.entries(topology.schedules).map(([name, { schedule, task, queue }]) => {
    const lastMs = fired.get(name);
    const next = nextDue(schedule, nowMs);
    // Before its first firing the store holds when beat first saw the schedule, which is no due time.
    const hasFired = lastMs !== undefined && nextDue(schedule, lastMs - 1) === lastMs;
    return {
      name,
      words: describeSchedule(schedule),
      task: task.task,
      queue: queue ?? task.options.queue,
      args: encodeJson(task.args),
      kwargs: encodeJson(task.kwargs),
      timeZone: schedule.kind === 'crontab' ? schedule.timeZone : 'UTC',
      ...(hasFired ? { lastFiredMs: lastMs } : undefined),
      ...(next === undefined ? undefined : { nextDueMs: next }),
    };
  });
}
