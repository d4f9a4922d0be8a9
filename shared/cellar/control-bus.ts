/**
 * What a broker offers beside queues to those who watch and steer workers: events to whoever listens, commands to each
 * worker, answers to whoever asked. Celery's `celeryev` and `celery.pidbox` on RabbitMQ; absent elsewhere.
 * Bodies are JSON text. Everything here is transient: what nobody hears is lost, and nothing of it may hold up a task.
 */

/** A message of the bus: a command as it arrived at one node, or an answer. */
export interface ControlMessage {
  readonly headers: Readonly<Record<string, unknown>>;
  /** JSON text of Celery's shape. */
  readonly body: string;
}

export interface ControlReplyTarget {
  readonly exchange: string;
  readonly routingKey: string;
}

export interface ControlBus {
  /** Sends an event; never waits, never throws: what cannot be sent is dropped. */
  event(routingKey: string, message: ControlMessage): void;
  /**
   * Hands each event that is sent from now on to `handle`, also after a lost connection was restored. Answers a function
   * that ends it.
   * @throws CellarError `broker-unavailable`
   */
  listen(handle: (event: ControlMessage) => void): Promise<() => Promise<void>>;
  /**
   * Opens the mailbox of a node and hands each request to `handle`, also after a lost connection was restored.
   * Answers a function that closes it.
   * @throws CellarError `broker-unavailable`
   */
  serve(nodeName: string, handle: (request: ControlMessage) => void): Promise<() => Promise<void>>;
  /** Answers a request; never waits, never throws: an asker that is gone hears nothing. */
  reply(target: ControlReplyTarget, message: ControlMessage): void;
  /**
   * Sends a command to all nodes, without waiting for answers.
   * @throws CellarError `broker-unavailable`
   */
  tell(request: ControlMessage): Promise<void>;
  /**
   * Sends a command, made for the place where its answers are to go, to all nodes; answers what came to it before
   * `timeoutMs` was over or `limit` had come. Callable concurrently: who asked looks for its own ticket.
   * @throws CellarError `broker-unavailable`
   */
  ask(
    request: (replyTo: ControlReplyTarget) => ControlMessage,
    options: { readonly ticket: string; readonly timeoutMs: number; readonly limit?: number },
  ): Promise<readonly ControlMessage[]>;
}
