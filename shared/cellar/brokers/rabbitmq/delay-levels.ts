/**
 * Delays without a plugin and without a worker that holds a message: 28 queues, of which each keeps what enters it for a
 * power of two of seconds and hands it on to the next level. The routing key says at which levels a message stays, one
 * word of `1` or `0` a level, from the longest to the shortest, and then to which queue it goes.
 */
import { DUE_EXCHANGE, delayExchange, delayQueue } from './rabbitmq-names.ts';

const LEVELS = 28;
/** About eight and a half years. */
export const MAX_DELAY_SECONDS = 2 ** LEVELS - 1;

/** Where a message enters that is to come to a queue after so many seconds, 1 to {@link MAX_DELAY_SECONDS}. */
export function delayRoute(seconds: number, queue: string): { readonly exchange: string; readonly routingKey: string } {
  const bits = seconds.toString(2).padStart(LEVELS, '0');
  const highest = LEVELS - 1 - bits.indexOf('1');
  return { exchange: delayExchange(highest), routingKey: `${[...bits].join('.')}.${queue}` };
}

/** With what a queue is bound to {@link DUE_EXCHANGE}: its name's dots are part of it, so that no other name fits. */
export function dueBindingKey(queue: string): string {
  return `${'*.'.repeat(LEVELS)}${queue}`;
}

export interface DelayLevel {
  readonly queue: string;
  readonly ttlMs: number;
  readonly exchange: string;
  /** Where messages go that this level lets pass, at once or after their time. */
  readonly nextExchange: string;
  /** Of those that stay here. */
  readonly stayKey: string;
  /** Of those that pass. */
  readonly passKey: string;
}

/** From the shortest, so that what a level hands on to is there before it. */
export const delayLevels: readonly DelayLevel[] = Array.from({ length: LEVELS }, (_, level) => {
  const before = '*.'.repeat(LEVELS - 1 - level);
  return {
    queue: delayQueue(level),
    ttlMs: 2 ** level * 1000,
    exchange: delayExchange(level),
    nextExchange: level === 0 ? DUE_EXCHANGE : delayExchange(level - 1),
    stayKey: `${before}1.#`,
    passKey: `${before}0.#`,
  };
});
