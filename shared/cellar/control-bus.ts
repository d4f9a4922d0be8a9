/**
 * What a broker offers beside queues to those who watch and steer workers: events to whoever listens, commands to each
 * worker, answers to whoever asked. Celery's `celeryev` and `celery.pidbox` on RabbitMQ; absent elsewhere.
 * Bodies are JSON text. Everything here is transient: what nobody hears is lost, and nothing of it may hold up a task.
 */

/** A broadcast command as it arrived at one node. */
export interface ControlRequest {
  readonly headers: Readonly<Record<string, unknown>>;
  /** The JSON text of Celery's request. */
  readonly body: string;
}

export interface ControlReplyTarget {
  readonly exchange: string;
  readonly routingKey: string;
}

export interface ControlBus {
  /** Sends an event; never waits, never throws: what cannot be sent is dropped. */
  event(routingKey: string, headers: Readonly<Record<string, unknown>>, body: string): void;
  /**
   * Opens the mailbox of a node and hands each request to `handle`, also after a lost connection was restored.
   * Answers a function that closes it.
   * @throws CellarError `broker-unavailable`
   */
  serve(nodeName: string, handle: (request: ControlRequest) => void): Promise<() => Promise<void>>;
  /** Answers a request; never throws: an asker that is gone hears nothing. */
  reply(target: ControlReplyTarget, headers: Readonly<Record<string, unknown>>, body: string): void;
  /**
   * Sends a command to all nodes and collects their answers (each a JSON text) until `timeoutMs` is over or `limit` came.
   * @throws CellarError `broker-unavailable`
   */
  ask(
    request: ControlRequest,
    options: { readonly ticket: string; readonly timeoutMs: number; readonly limit?: number },
  ): Promise<readonly string[]>;
}
