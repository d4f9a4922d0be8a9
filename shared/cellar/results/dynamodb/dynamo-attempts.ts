import type { AttemptCounter } from '../../backend.ts';
import type { Clock } from '../../clock.ts';
import { numberOf, numeric, type Table, textOf, timeToLive } from './table.ts';

/** Longer than SQS keeps a message (14 days, SQS developer guide, quotas). */
const KEPT_MS = 15 * 86_400_000;
const PREFIX = 'attempts#';

/** An item a message that was delivered more than once: starts that have not come to an outcome. */
export function dynamoAttempts(table: Table, clock: Clock): AttemptCounter {
  const count = (messageId: string, change: number) =>
    table.update(PREFIX + messageId, {
      UpdateExpression: 'ADD #starts :change SET #ttl = :ttl',
      ExpressionAttributeNames: { '#starts': 'starts', '#ttl': 'ttl' },
      ExpressionAttributeValues: { ':change': numeric(change), ':ttl': timeToLive(clock.now() + KEPT_MS) },
      ReturnValues: 'UPDATED_NEW',
    });
  return {
    async begin(messageId) {
      const updated = await count(messageId, 1);
      return updated.isRefused ? Number.NaN : numberOf(updated.attributes['starts']);
    },
    async unfinished(messageIds) {
      const items = await table.getAll(messageIds.map((messageId) => PREFIX + messageId));
      const open = items.filter(({ starts }) => numberOf(starts) > 0);
      return new Set(open.map(({ pk }) => textOf(pk).slice(PREFIX.length)));
    },
    async ended(messageId) {
      await count(messageId, -1);
    },
  };
}
