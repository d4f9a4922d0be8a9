/** Hands the tasks of a write to whatever sends them. */
import type { SendOptions, Signature } from 'cellar';
import type { Outgoing } from './store.ts';

/** The part of Cellar's transactions and preparations that a write needs. */
export interface Sender {
  send(signature: Signature<unknown>, options?: SendOptions): unknown;
  publish(exchange: string, routingKey: string, signature: Signature<unknown>, options?: SendOptions): unknown;
}

export function sendAll(sender: Sender, outgoing: readonly Outgoing[]): void {
  for (const one of outgoing) {
    if ('exchange' in one) sender.publish(one.exchange, one.routingKey, one.signature, one.options);
    else sender.send(one.signature, one.options);
  }
}
