import { expect, it } from '@jest/globals';
import { countSetAside } from '../../../functions/outbox/count-set-aside.ts';

it('counts a row that was set aside in a line from which CloudWatch makes a metric', () => {
  const lines: string[] = [];
  countSetAside({ table: 'wine-shop-dev-shop', problem: 'two\nlines', nowMs: 1_790_000_000_000 }, (line) =>
    lines.push(line),
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]?.match(/\n/g)).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    _aws: {
      Timestamp: 1_790_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: 'WineShop',
          Dimensions: [['table']],
          Metrics: [{ Name: 'OutboxRowsSetAside', Unit: 'Count' }],
        },
      ],
    },
    table: 'wine-shop-dev-shop',
    OutboxRowsSetAside: 1,
    problem: 'two\nlines',
  });
});
