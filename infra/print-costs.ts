import { type Application, type CostRange, idleCosts, taskCosts } from 'cellar/cdk';

/** Secrets of the payment provider and of the dashboard; the two alarms of the outbox. */
const SHOP = { secrets: 2, alarms: 2 } as const;

/** What `node infra/costs.ts --json` prints. */
export function costsOf(application: Application) {
  return { idlePerMonth: idleCosts(application, SHOP), perMillionTasks: taskCosts() };
}

/** The same for people, a line each. */
export function costsText(application: Application): string {
  const { idlePerMonth, perMillionTasks } = costsOf(application);
  const { perQueue, queues, shared, total } = idlePerMonth;
  return [
    'USD by the list prices of us-east-1, without free tiers:',
    `  idle, a month: ${rangeText(perQueue)} a queue with its alarms, ${rangeText(shared)} shared; ${rangeText(total)} for ${queues} queues`,
    ...perMillionTasks.map(({ what, perMillion }) => `  a million tasks ${what}: ${perMillion.toFixed(2)}`),
    '',
  ].join('\n');
}

function rangeText({ least, most }: CostRange): string {
  const [low, high] = [least.toFixed(2), most.toFixed(2)];
  return low === high ? low : `${low} to ${high}`;
}
