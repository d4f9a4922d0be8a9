/** Sends inside a transaction or an outbox: each message is composed, checked and handed on, and not published yet. */
import type { OutgoingMessage } from './broker.ts';
import type { Composer, Published, PublishOptions } from './composer.ts';
import type { SendOptions, Signature } from './signature.ts';

export interface MessageWriter {
  /** Sends a task; answers its id. */
  send(signature: Signature<unknown>, options?: SendOptions): string;
  /** Publishes a task to an exchange. */
  publish(exchange: string, routingKey: string, signature: Signature<unknown>, options?: PublishOptions): Published;
}

/** A writer that hands each message to `take`, which may throw to refuse it. */
export function messageWriter(composer: Composer, take: (message: OutgoingMessage) => void): MessageWriter {
  return {
    send(signature, options) {
      const message = composer.message(signature, options);
      take(message);
      return message.correlationId;
    },
    publish(exchange, routingKey, signature, options = {}) {
      const { message, published } = composer.publication({ exchange, routingKey, signature, options });
      take(message);
      return published;
    },
  };
}
