/** Tasks at their time: seconds ahead through the delay queue, later through EventBridge Scheduler. */
import {
  CreateScheduleCommand,
  GetScheduleCommand,
  type SchedulerClient,
  type Target,
} from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Cellar, TaskView } from 'cellar';
import { paymentReminder } from '../../../shared/shop/tasks.ts';
import { openClientOf, openSchedulerOf, PREFIX, schedulesOf } from '../../support/aws/deployed-client.ts';
import { type DeployedShop, placeOrder } from '../../support/aws/deployed-shop.ts';
import { type PlacedOrder, until } from '../../support/running-shop.ts';
import { storedFile } from './purchase.ts';

const SOON_MS = 30_000;
const COUNTDOWN_SECONDS = 3;
const LATE_AT_MOST_MS = 2_000;
const TWENTY_MINUTES_MS = 1_200_000;
/** The emulator looks for due schedules every ten seconds. */
const TICK_MS = 10_000;

export function time(shop: () => DeployedShop): void {
  let cellar: Cellar;
  let scheduler: SchedulerClient;
  let order: PlacedOrder;

  beforeAll(async () => {
    cellar = await openClientOf(shop());
    scheduler = openSchedulerOf(shop());
    order = await placeOrder(shop(), 'e2e-time');
  });
  afterAll(async () => {
    scheduler.destroy();
    await cellar.close();
  });

  it('runs a task with a countdown of 3 s not early, and within 2 s of its time', async () => {
    const before = Date.now();
    const sent = await cellar.send(paymentReminder({ orderId: order.id }), { countdown: COUNTDOWN_SECONDS });
    const after = Date.now();
    expect(await sent.get({ timeoutMs: SOON_MS })).toBe(1);
    const { task } = await shop().ask<{ readonly task: TaskView }>(`tasks/${sent.id}`);
    const due = COUNTDOWN_SECONDS * 1_000;
    expect(task.startedAtMs).toBeGreaterThanOrEqual(before + due);
    expect(task.startedAtMs).toBeLessThanOrEqual(after + due + LATE_AT_MOST_MS);
  });

  it('keeps a task for 20 minutes ahead as a one-time schedule, which a revoke deletes', async () => {
    const known = await schedulesOf(shop());
    const eta = new Date(Date.now() + TWENTY_MINUTES_MS);
    const sent = await cellar.send(paymentReminder({ orderId: order.id }), { eta });
    const made = (await schedulesOf(shop())).filter((name) => !known.includes(name));
    expect(made).toHaveLength(1);
    const [Name] = made;
    const schedule = await scheduler.send(new GetScheduleCommand({ GroupName: PREFIX, Name }));
    expect(schedule.ActionAfterCompletion).toBe('DELETE');
    expect(minutesBefore(eta, schedule.ScheduleExpression)).toBeGreaterThanOrEqual(5);
    expect(minutesBefore(eta, schedule.ScheduleExpression)).toBeLessThanOrEqual(10);

    await cellar.revoke(sent.id);
    expect(await schedulesOf(shop())).toEqual(known);
    const { task } = await shop().ask<{ readonly task: TaskView }>(`tasks/${sent.id}`);
    expect(task.state).toBe('REVOKED');
  });

  it('sends a periodic task when its schedule fires', async () => {
    const GroupName = PREFIX;
    const { Target } = await scheduler.send(new GetScheduleCommand({ GroupName, Name: 'daily-sales' }));
    // Its own time is 06:00, and the emulator does not fill in the time it fires for: the same target, once, at once.
    await scheduler.send(
      new CreateScheduleCommand({
        GroupName,
        Name: 'daily-sales-now',
        ScheduleExpression: `at(${new Date().toISOString().slice(0, 19)})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: firingFor('2026-11-25T05:00:00Z', Target),
      }),
    );
    const [firing] = await until(async () => {
      const tasks = await shop().tasks('task=daily_sales&state=SUCCESS');
      return tasks.length > 0 ? tasks : undefined;
    }, SOON_MS + TICK_MS);
    const { file } = JSON.parse(firing?.result ?? '{}') as { readonly file: string };
    expect((await storedFile(shop(), `reports/${file}`)).toString()).toMatch(/^order/i);
  });
}

/** As AWS fills in the time of a firing. */
function firingFor(scheduledTime: string, target: Target | undefined): Target {
  if (target?.Input === undefined) throw new Error('the schedule has no input');
  return { ...target, Input: target.Input.replace('<aws.scheduler.scheduled-time>', scheduledTime) } as Target;
}

function minutesBefore(eta: Date, expression: string | undefined): number {
  const [, at = ''] = /^at\((.+)\)$/.exec(expression ?? '') ?? [];
  return (eta.getTime() - Date.parse(`${at}Z`)) / 60_000;
}
