/** The entry of a program: opens a client and runs workers beside it. No global app; a program opens one. */
import type { Client } from './client.ts';
import { type ClientOptions, openClient } from './open-client.ts';
import { registryOf } from './worker/registry.ts';
import { startWorker } from './worker/start-worker.ts';
import type { BoundHandler } from './worker.ts';

export interface OpenOptions extends ClientOptions {
  /** Handlers to run in this process: a one-file program needs nothing else. @default none, it only sends */
  readonly handlers?: readonly BoundHandler[];
}

/** A client: sends signatures, publishes to exchanges, reads results. */
export type Cellar = Client;

/** Not a class with a static method: what a Lambda bundles is a client without the loop of a long-lived worker. */
export const Cellar = {
  /**
   * Opens broker and store, declares the topology, and starts the workers of `handlers`.
   * @throws CellarError `bad-settings`, `bad-topology`, `duplicate-handler`, `declare-conflict`, `broker-unavailable`
   */
  async open({ handlers = [], ...options }: OpenOptions = {}): Promise<Cellar> {
    const queues = registryOf(handlers.map((handler, index) => ({ handler, source: `handler ${index + 1}` })));
    const cellar = await openClient(options, queues.keys());
    try {
      for (const queue of queues.values()) cellar.adopt(await startWorker(cellar, queue));
    } catch (error) {
      await cellar.close();
      throw error;
    }
    return cellar;
  },
};
