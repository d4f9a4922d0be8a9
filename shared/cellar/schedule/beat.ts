/**
 * Beat: sends the periodic tasks of the topology when they are due (celery/beat.py).
 *
 * Each firing's task id is derived from (schedule, due time), and what was fired is remembered in the store by
 * compare-and-set: two beats on one store send each firing once. A schedule counts from when a beat first saw it;
 * firings missed while no beat ran are sent once at start, however many they were.
 */
import type { Cellar } from '../cellar.ts';
import { describeError } from '../exception.ts';
import type { Schedule } from '../schedule.ts';
import type { ScheduleDeclaration } from '../topology.ts';
import { nextDue } from './next.ts';
import { sendFiring } from './send-firing.ts';

export interface RunningBeat {
  /** Stops; a firing under way is finished. */
  stop(): Promise<void>;
}

/** Longest sleep between two looks: another beat may have fired meanwhile, and clocks jump. */
const MAX_SLEEP_MS = 30_000;
const PAUSE_AFTER_FAULT_MS = 1_000;

/** Starts beat for the client's topology. */
export function startBeat(cellar: Cellar): RunningBeat {
  const { clock } = cellar.runtime;
  let stopped = false;
  let cancel = (): void => {};
  let running: Promise<void> = Promise.resolve();
  const look = (): void => {
    running = fireDue(cellar)
      .catch((error: unknown) => {
        cellar.log.error(`beat: ${describeError(error)}`);
        return clock.now() + PAUSE_AFTER_FAULT_MS;
      })
      .then((nextMs) => {
        if (!stopped) cancel = clock.setTimer(Math.min(Math.max(nextMs - clock.now(), 0), MAX_SLEEP_MS), look);
      });
  };
  if (Object.keys(cellar.topology.schedules).length > 0) look();
  return {
    async stop() {
      stopped = true;
      cancel();
      await running;
      cancel();
    },
  };
}

/** Sends what is due; answers when to look again. A schedule that fails does not hold up the others. */
async function fireDue(cellar: Cellar): Promise<number> {
  const { clock } = cellar.runtime;
  const lastFired = await cellar.backend.schedules.lastFired();
  let next = Number.POSITIVE_INFINITY;
  for (const [name, declared] of Object.entries(cellar.topology.schedules)) {
    const nowMs = clock.now();
    try {
      await fireOne(cellar, name, { declared, lastMs: lastFired.get(name), nowMs });
      next = Math.min(next, nextDue(declared.schedule, nowMs) ?? Number.POSITIVE_INFINITY);
    } catch (error) {
      cellar.log.error(`beat: ${describeError(error)}`, { schedule: name });
      next = Math.min(next, nowMs + PAUSE_AFTER_FAULT_MS);
    }
  }
  return next;
}

interface Look {
  readonly declared: ScheduleDeclaration;
  readonly lastMs: number | undefined;
  readonly nowMs: number;
}

async function fireOne(cellar: Cellar, name: string, { declared, lastMs, nowMs }: Look): Promise<void> {
  const { schedules } = cellar.backend;
  if (lastMs === undefined) {
    await schedules.advance(name, undefined, nowMs);
    return;
  }
  const due = latestDue(declared.schedule, lastMs, nowMs);
  if (due === undefined) return;
  // Sent first: a crash between the two sends it again under the same id, which the broker drops.
  await sendFiring(cellar, { name, declared, dueMs: due });
  await schedules.advance(name, lastMs, due);
}

const MINUTE_MS = 60_000;
/** How far back to look for the last firing, shortest first: a rule that fires often is found among few. */
const WINDOWS_MS = [
  2 * MINUTE_MS,
  2 * 60 * MINUTE_MS,
  48 * 60 * MINUTE_MS,
  62 * 24 * 60 * MINUTE_MS,
  Number.POSITIVE_INFINITY,
];

/** The last due time in (after, now], if there is one: of several missed firings only the last is sent. */
export function latestDue(schedule: Schedule, afterMs: number, nowMs: number): number | undefined {
  for (const window of WINDOWS_MS) {
    const startMs = Math.max(afterMs, nowMs - window);
    let last: number | undefined;
    for (let due = nextDue(schedule, startMs); due !== undefined && due <= nowMs; due = nextDue(schedule, due))
      last = due;
    if (last !== undefined || startMs === afterMs) return last;
  }
  return undefined;
}
