/** Starts a worker process as a node: the workers of its queues, its events, its mailbox. */
import { hostname } from 'node:os';
import process from 'node:process';
import type { Client } from '../client.ts';
import { libraryVersion } from '../version.ts';
import type { TaskPool } from '../worker/pool.ts';
import type { QueueHandlers } from '../worker/registry.ts';
import { type RunningWorker, type StopOptions, startWorker } from '../worker/start-worker.ts';
import { type AutoscaleRange, Autoscaler } from './autoscaler.ts';
import { EventDispatcher } from './event-dispatcher.ts';
import { type NodeLink, openLink } from './node-link.ts';
import { expandNodeName } from './node-name.ts';
import { NodeQueues } from './node-queues.ts';
import { WorkerNode } from './worker-node.ts';

export interface NodeOptions {
  /** All that there are handlers for. */
  readonly available: ReadonlyMap<string, QueueHandlers>;
  /** The queues that it takes from at first. @default all */
  readonly queues?: readonly string[];
  /** `name@host`; `%h` is the host. @default 'cellar@%h' */
  readonly name?: string;
  /** Tasks side by side in each queue. @default the worker's own, else that of the settings */
  readonly concurrency?: number;
  /** Sets how many run side by side in each queue by how many wait. @default not */
  readonly autoscale?: AutoscaleRange;
  /** Where handlers run; its owner closes it after the node has stopped. @default this process's event loop */
  readonly pool?: TaskPool;
  /** Sends events of tasks from its start on. @default as the settings say, else when a monitor asks for them */
  readonly sendsTaskEvents?: boolean;
  /** Sends signs of life. @default true */
  readonly hasHeartbeat?: boolean;
  /** Asks other nodes what was revoked before it takes messages, which takes a second. @default true */
  readonly mingles?: boolean;
}

/** A node at work. */
export interface RunningNode {
  readonly name: string;
  readonly workers: readonly RunningWorker[];
  /** Aborts when remote control asks the node to stop; its owner then stops it. */
  readonly stopAsked: AbortSignal;
  /** As a worker's stop, for all of its queues. */
  stop(options?: StopOptions): Promise<void>;
}

/**
 * Starts a node. On a broker without events and remote control it is its workers only.
 * @throws CellarError as `startWorker`, for a queue without handlers, and `broker-unavailable`
 */
export async function startNode(cellar: Client, options: NodeOptions): Promise<RunningNode> {
  const { runtime, backend } = cellar;
  const name = expandNodeName(options.name, hostname());
  const node = new WorkerNode({ name, pid: process.pid, clock: runtime.clock });
  const queues = queuesOf(cellar, node, options);
  const autoscaler = options.autoscale && new Autoscaler(options.autoscale, runtime.clock, () => queues.workers);
  const stopAsked = new AbortController();
  const { control: bus } = backend;
  if (bus !== undefined) {
    node.events = new EventDispatcher({
      bus,
      nodeName: name,
      pid: node.pid,
      clock: runtime.clock,
      lamport: node.lamport,
    });
    node.events.sendsTasks = options.sendsTaskEvents === true || cellar.settings.workerSendTaskEvents;
  }
  const context = {
    node,
    queues,
    cellar,
    autoscaler,
    version: await libraryVersion(),
    askStop: () => stopAsked.abort(),
  };
  const link: NodeLink | undefined = bus && (await openLink(bus, context, options));
  let ended: Promise<void> | undefined;
  const stop = async (stopOptions?: StopOptions): Promise<void> => {
    autoscaler?.stop();
    const stopped = queues.stop(stopOptions);
    ended ??= stopped.finally(() => link?.close());
    await Promise.all([stopped, ended]);
  };
  try {
    for (const queue of options.queues ?? options.available.keys()) await queues.add(queue);
  } catch (error) {
    await stop();
    throw error;
  }
  link?.ready();
  return {
    name,
    get workers() {
      return queues.workers;
    },
    stopAsked: stopAsked.signal,
    stop,
  };
}

function queuesOf(cellar: Client, node: WorkerNode, { available, ...options }: NodeOptions): NodeQueues {
  const { pool, autoscale } = options;
  const concurrency = autoscale?.min ?? options.concurrency;
  const start = (handlers: QueueHandlers) =>
    startWorker(cellar, handlers, {
      name: node.name,
      monitor: node,
      rates: node.rates,
      ...(concurrency === undefined ? undefined : { concurrency }),
      ...(pool === undefined ? undefined : { pool }),
    });
  return new NodeQueues({ available, start });
}
