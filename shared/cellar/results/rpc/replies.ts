/** What results that travel as messages need of a broker: to send one to whoever waits, and to hear those sent here. */
export interface Reply {
  /** Id of the task. */
  readonly correlationId: string;
  readonly contentType: string;
  readonly body: string;
}

export interface Replies {
  /** The queue of this process: it exists as long as this is open. */
  readonly name: string;
  /**
   * Sends to a queue by its name; resolves when the broker has it. A queue that is gone is no fault: nobody waits any more.
   * Callable concurrently.
   * @throws CellarError `broker-unavailable` after 10 s, `closed`
   */
  send(queue: string, reply: Reply): Promise<void>;
  /** Calls back for each reply, in the order in which they come; one may come twice. To be called once. */
  listen(heard: (reply: Reply) => void): void;
  /** Deletes the queue. */
  close(): Promise<void>;
}
