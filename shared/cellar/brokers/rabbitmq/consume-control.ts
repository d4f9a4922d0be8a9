import type { Channel } from 'amqplib';
import type { ControlMessage } from '../../control-bus.ts';

/** Takes all messages of a queue; they are acknowledged as they are sent. */
export async function consumeControl(
  channel: Channel,
  queue: string,
  handle: (message: ControlMessage) => void,
): Promise<void> {
  const take = (
    message: { readonly properties: { readonly headers?: object | undefined }; readonly content: Buffer } | null,
  ) => {
    if (message === null) return; // the queue was deleted
    handle({ headers: { ...message.properties.headers }, body: message.content.toString('utf8') });
  };
  await channel.consume(queue, take, { noAck: true });
}
