/** The shop's one table on DynamoDB, as data: deploy time makes it, run time reads and writes it. */

/**
 * Items, by partition (`pk`) and place in it (`sk`):
 *
 * | pk | sk | holds |
 * |---|---|---|
 * | `order#42` | `order` | the order, its payment and its invoice |
 * | `order#42` | `outbox#placed`, `outbox#paid` | the messages that left with that write; with `@<ms>` behind it when published again |
 * | `set-aside` | `order#42 outbox#placed` | an outbox row that cannot be published, and why |
 * | `key#<Idempotency-Key>` | `key` | what was asked with it, and the order |
 * | `counter#orders`, `counter#invoices` | `counter` | the number given last |
 * | `scored#42` | `scored` | that the order was counted for recommendations |
 * | `wine#<id>` | `bought-with` | one number for each wine bought with it |
 * | `catalogue` | `wine#<id>` | a wine, its place in the shop's order, and whether it is on sale |
 * | `coupon#<CODE>` | `coupon` | a coupon |
 *
 * The catalogue is one partition, so that one query reads it all: a few hundred wines are far within what a partition
 * can serve, as pages read it once a minute and process, and orders read single items.
 */
export const shopTable = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Seconds since the epoch after which DynamoDB deletes an item. */
  timeToLive: 'ttl',
  /** Paid orders by UTC day and time of payment (ms); holds whole items. */
  paidIndex: { name: 'paid', partitionKey: { name: 'paidDay', type: 'S' }, sortKey: { name: 'paidAt', type: 'N' } },
  /** What the stream must hold for the outbox. */
  streamView: 'NEW_IMAGE',
  /** The only records of the stream that the outbox's function needs: an event source mapping's filter pattern. */
  outboxFilter: { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: 'outbox#' }] } } } },
} as const;

/** How long an idempotency key is remembered, at least. */
export const KEY_DAYS = 30;
/** How long outbox rows stay after they left: longer than the stream's 24 hours, so that a person can look. */
export const OUTBOX_DAYS = 7;

/** Its name in the deployment whose names begin with `prefix`. */
export function shopTableName(prefix: string): string {
  return `${prefix}-shop`;
}
