/**
 * The Lambda entry of beat: EventBridge Scheduler calls it each time a schedule fires, and it sends the tasks that are
 * due in that minute. A call that is repeated sends the same ids again, which the queue drops.
 */
import type { Client } from '../client.ts';
import { CellarError } from '../errors.ts';
import { openClient } from '../open-client.ts';
import { firingsWithin } from '../schedule/firings-within.ts';
import { sendFiring } from '../schedule/send-firing.ts';
import type { Topology } from '../topology.ts';
import { openOnce } from './open-once.ts';

/** What a schedule hands over: its `Input`. */
export interface FiringEvent {
  /** Its name in the topology. */
  readonly schedule: string;
  /** The time it was to fire at, ISO 8601, as Scheduler fills in `<aws.scheduler.scheduled-time>`. */
  readonly scheduledTime?: string;
}

export interface BeatHandlerOptions {
  readonly topology: Topology;
  /** Opens the client, once per cold start. @default from the environment's `CELLAR_*` variables */
  readonly open?: () => Promise<Client>;
}

export type BeatHandler = (event: FiringEvent) => Promise<void>;

const MINUTE_MS = 60_000;

/**
 * Makes the function that sends periodic tasks. The handler throws CellarError `bad-arguments` for a schedule that the
 * topology does not have, and what sending throws: Lambda then calls it again with the same event.
 */
export function beatHandler({ topology, open = () => openClient({ topology }) }: BeatHandlerOptions): BeatHandler {
  const opened = openOnce(open);
  return async ({ schedule: name, scheduledTime }) => {
    const declared = topology.schedules[name];
    if (declared === undefined) {
      const known = Object.keys(topology.schedules).join(', ') || 'none';
      throw new CellarError('bad-arguments', `schedule '${name}' is not in the topology, allowed: ${known}`);
    }
    const client = await opened();
    const minuteMs = minuteOf(scheduledTime, client.runtime.clock.now());
    for (const dueMs of firingsWithin(declared.schedule, minuteMs)) await sendFiring(client, { name, declared, dueMs });
  };
}

/** The minute that runs, where no time came: called by hand, or by an emulator that does not fill it in. */
function minuteOf(scheduledTime: string | undefined, nowMs: number): number {
  const given = Date.parse(scheduledTime ?? '');
  return Math.floor((Number.isNaN(given) ? nowMs : given) / MINUTE_MS) * MINUTE_MS;
}
