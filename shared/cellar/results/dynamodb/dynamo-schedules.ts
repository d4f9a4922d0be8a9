import type { ScheduleStore } from '../../result-store.ts';
import { numberOf, numeric, type Table } from './table.ts';

const KEY = 'schedules';
/** Before the schedule's name in the attribute that holds its last due time. */
const PREFIX = 'fired#';

/** What beat remembers, all in one item that is never deleted. */
export function dynamoSchedules(table: Table): ScheduleStore {
  return {
    async lastFired() {
      const item = (await table.get(KEY)) ?? {};
      const fired = Object.entries(item).filter(([name]) => name.startsWith(PREFIX));
      return new Map(fired.map(([name, value]) => [name.slice(PREFIX.length), numberOf(value)]));
    },
    async advance(name, expectedMs, firedMs) {
      const { isRefused } = await table.update(KEY, {
        UpdateExpression: 'SET #fired = :fired',
        ConditionExpression: expectedMs === undefined ? 'attribute_not_exists(#fired)' : '#fired = :expected',
        ExpressionAttributeNames: { '#fired': PREFIX + name },
        ExpressionAttributeValues: {
          ':fired': numeric(firedMs),
          ...(expectedMs === undefined ? undefined : { ':expected': numeric(expectedMs) }),
        },
      });
      return !isRefused;
    },
  };
}
