/** What Cellar makes on RabbitMQ beside what a topology names. */

/** Direct; a message that died goes through it to the dead-letter queue of its queue. */
export const DEAD_EXCHANGE = 'cellar.dead';

export function deadLetterQueue(queue: string): string {
  return `${queue}.dead`;
}

/** The exchange of one level of delay; a message enters at the level of its highest bit. */
export function delayExchange(level: number): string {
  return `cellar.delay.${level}`;
}

export function delayQueue(level: number): string {
  return `cellar.delay.${level}`;
}

/** Where every delayed message comes out, to the one queue that it is addressed to. */
export const DUE_EXCHANGE = 'cellar.delay.due';

/** What was delayed for a queue that is no more. */
export const UNDELIVERED = 'cellar.undelivered';

/** Headers that travel with a message and are taken off when it is delivered. */
export const WIRE_HEADERS = {
  messageGroup: 'x-cellar-group',
  /** How often it was delivered without an outcome before it was given back. */
  deliveries: 'x-cellar-deliveries',
  reason: 'x-cellar-reason',
  /** Milliseconds since the epoch. */
  diedAt: 'x-cellar-died-at',
} as const;
