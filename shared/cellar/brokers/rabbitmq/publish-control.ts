import type { Channel } from 'amqplib';
import type { ControlMessage, ControlReplyTarget } from '../../control-bus.ts';
import { withWideIntegers } from './wide-integers.ts';

/** Publishes as kombu does what need not outlive the server; false where the channel wants a pause, or is gone. */
export function publishControl(
  channel: Channel,
  { exchange, routingKey }: ControlReplyTarget,
  { headers, body }: ControlMessage,
): boolean {
  try {
    return channel.publish(exchange, routingKey, Buffer.from(body), {
      headers: withWideIntegers(headers),
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      persistent: false,
      priority: 0,
    });
  } catch {
    return false; // the channel has just been closed: nobody is promised anything
  }
}
