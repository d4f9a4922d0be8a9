import { describe, expect, it } from '@jest/globals';
import { Cellar, crontab, every, loadSettings, type Schedule, task, topology } from 'cellar';
import { beatHandler } from 'cellar/lambda';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { derivedId } from '../../../shared/cellar/ids.ts';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';
import { collectingLog } from '../worker/rig.ts';

const tick = task('tests.tick', { params: {}, queue: 'ticks' });
const NOON = Date.UTC(2026, 0, 1, 12);
/** When the function is called: some seconds into the minute, as Scheduler does. */
const CALLED_MS = NOON + 7_000;

async function open(schedule: Schedule) {
  const clock = manualClock(CALLED_MS);
  const runtime = manualRuntime(clock);
  const backend = await openMemory({ runtime });
  const declared = topology({ queues: { ticks: {} }, schedules: { ticking: { schedule, task: tick() } } });
  const { log } = collectingLog();
  const handler = beatHandler({
    topology: declared,
    open: () => Cellar.open({ settings: loadSettings({}), topology: declared, runtime, log, backend }),
  });
  /** Ids of the tasks that are on the queue now, the delayed ones left out. */
  async function sent(): Promise<string[]> {
    const ids: string[] = [];
    for (;;) {
      const deliveries = await backend.broker.receive('ticks', { maxMessages: 100, waitMs: 0 });
      if (deliveries.length === 0) return ids;
      ids.push(...deliveries.map(({ message }) => message.correlationId));
      await backend.broker.settle(
        deliveries.map((delivery) => ({ delivery, publish: [], disposition: { kind: 'ack' } })),
      );
    }
  }
  return { handler, clock, sent };
}

const idOf = (dueMs: number): string => derivedId('schedule', 'ticking', dueMs);

describe('beatHandler', () => {
  it('sends the task that is due at the scheduled time, under the id that beat gives it elsewhere', async () => {
    const { handler, sent } = await open(crontab({ minute: 0 }));
    await handler({ schedule: 'ticking', scheduledTime: '2026-01-01T12:00:00Z' });
    expect(await sent()).toEqual([idOf(NOON)]);
  });

  it('sends a firing that is repeated once, however late the repetition is', async () => {
    const { handler, clock, sent } = await open(crontab({ minute: 0 }));
    const event = { schedule: 'ticking', scheduledTime: '2026-01-01T12:00:00Z' };
    await handler(event);
    await clock.advance(120_000);
    await handler(event);
    expect(await sent()).toEqual([idOf(NOON)]);
  });

  it('sends what is due later in the minute at its time, never early', async () => {
    const { handler, clock, sent } = await open(every('20s'));
    await handler({ schedule: 'ticking', scheduledTime: '2026-01-01T12:00:00Z' });
    expect(await sent()).toEqual([idOf(NOON)]);
    await clock.advance(12_999);
    expect(await sent()).toEqual([]);
    await clock.advance(1);
    expect(await sent()).toEqual([idOf(NOON + 20_000)]);
    await clock.advance(20_000);
    expect(await sent()).toEqual([idOf(NOON + 40_000)]);
  });

  it('sends nothing in a minute in which the rule is not due though the expression fires', async () => {
    const { handler, sent } = await open(every('7m'));
    await handler({ schedule: 'ticking', scheduledTime: '2026-01-01T12:00:00Z' });
    expect(await sent()).toEqual([]); // six minutes into a period
    const { handler: onFridays, sent: sentOnFridays } = await open(
      crontab({ minute: 0, dayOfMonth: 1, dayOfWeek: 'fri' }),
    );
    await onFridays({ schedule: 'ticking', scheduledTime: '2026-01-01T12:00:00Z' });
    expect(await sentOnFridays()).toEqual([]); // a Thursday
  });

  it('takes the minute that runs where no time was filled in', async () => {
    const { handler, sent } = await open(crontab({}));
    await handler({ schedule: 'ticking', scheduledTime: '<aws.scheduler.scheduled-time>' });
    expect(await sent()).toEqual([idOf(NOON)]);
  });

  it('refuses a schedule that the topology does not have, so that Lambda reports it', async () => {
    const { handler } = await open(crontab({}));
    await expect(handler({ schedule: 'tocking' })).rejects.toThrow(
      "schedule 'tocking' is not in the topology, allowed: ticking",
    );
  });
});
