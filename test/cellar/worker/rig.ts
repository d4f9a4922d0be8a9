/** One worker on a broker in memory whose clock the test moves: deliveries are processed one call at a time. */
import type { Backend } from '../../../shared/cellar/backend.ts';
import type { Delivery, OutgoingMessage, Settlement, WireMessage } from '../../../shared/cellar/broker.ts';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { decodeJson } from '../../../shared/cellar/celery/tagged-json.ts';
import { Cellar } from '../../../shared/cellar/cellar.ts';
import type { Logger } from '../../../shared/cellar/log.ts';
import { loadSettings } from '../../../shared/cellar/settings.ts';
import type { Signature } from '../../../shared/cellar/signature.ts';
import { type Topology, topology } from '../../../shared/cellar/topology.ts';
import { type OpenEnvironment, openEnvironment } from '../../../shared/cellar/worker/open-environment.ts';
import { processDelivery } from '../../../shared/cellar/worker/process.ts';
import { type QueueHandlers, registryOf } from '../../../shared/cellar/worker/registry.ts';
import type { BoundHandler } from '../../../shared/cellar/worker.ts';
import { type ManualClock, manualClock, manualRuntime } from '../../support/manual-clock.ts';

export interface Rig {
  readonly cellar: Cellar;
  readonly clock: ManualClock;
  /** What was logged, as `level message`. */
  readonly logged: readonly string[];
  readonly handlers: QueueHandlers;
  readonly open: OpenEnvironment;
  /** The next delivery of the worker's queue; fails when there is none. */
  next(): Promise<Delivery>;
  /** Processes the next delivery and settles it. */
  step(): Promise<Settlement>;
  /** Sends a task, then `step`. */
  run(signature: Signature<unknown>): Promise<Settlement>;
  /** Puts any message into the worker's queue, then `step`. */
  runWire(message: Partial<WireMessage>, fields?: Partial<OutgoingMessage>): Promise<Settlement>;
  /** Processes until nothing is ready; answers how many. */
  work(): Promise<number>;
  /** The stored state and decoded result of a task, or PENDING. */
  stored(id: string): Promise<{ readonly state: string; readonly result: unknown }>;
  /** How many messages of the worker's queue are in each place. */
  counts(): Promise<{
    readonly ready: number;
    readonly inFlight: number;
    readonly delayed: number;
    readonly dead: number;
  }>;
  /** Why the dead of the worker's queue died. */
  reasons(): Promise<readonly (string | undefined)[]>;
}

export interface RigOptions {
  readonly topology?: Topology;
  readonly environment?: Readonly<Record<string, string>>;
  /** Makes another backend of the one in memory. @default as it is */
  readonly backend?: (memory: Backend) => Backend;
}

/** Every fixture's queue, beside a second one. */
export const workTopology = topology({
  queues: { work: {}, other: {} },
  exchanges: { events: { type: 'topic' } },
  bindings: [{ exchange: 'events', queue: 'other', key: 'sold.#' }],
});

export function collectingLog(): { readonly log: Logger; readonly logged: string[] } {
  const logged: string[] = [];
  const at = (level: string) => (message: string) => void logged.push(`${level} ${message}`);
  return { logged, log: { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') } };
}

/** Opens a rig whose handlers all belong to one worker. */
export async function openRig(bound: readonly BoundHandler[], options: RigOptions = {}): Promise<Rig> {
  const clock = manualClock();
  const runtime = manualRuntime(clock);
  const { log, logged } = collectingLog();
  const memory = await openMemory({ runtime });
  const backend = options.backend?.(memory) ?? memory;
  const cellar = await Cellar.open({
    settings: loadSettings({ CELLAR_BROKER_URL: 'memory:', ...options.environment }),
    topology: options.topology ?? workTopology,
    runtime,
    log,
    backend,
  });
  const [handlers] = registryOf(bound.map((handler, index) => ({ handler, source: `handler ${index}` }))).values();
  if (handlers === undefined) throw new Error('a rig needs a handler');
  const open = await openEnvironment(cellar, handlers);
  const { queue } = handlers.worker;

  const receive = () => backend.broker.receive(queue, { maxMessages: 1, waitMs: 0 });
  async function handle(delivery: Delivery): Promise<Settlement> {
    const revoked = await backend.results.revoked([delivery.message.correlationId]);
    const settlement = await processDelivery(delivery, open.environment, revoked);
    const [outcome] = await backend.broker.settle([settlement]);
    if (outcome?.status !== 'settled') throw new Error(`not settled: ${JSON.stringify(outcome)}`);
    return settlement;
  }

  const rig: Rig = {
    cellar,
    clock,
    logged,
    handlers,
    open,
    async next() {
      const [delivery] = await receive();
      if (delivery === undefined) throw new Error('there is no delivery');
      return delivery;
    },
    step: async () => handle(await rig.next()),
    async run(signature) {
      await cellar.send(signature);
      return rig.step();
    },
    async runWire(message, fields = {}) {
      const wire = {
        headers: {},
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        body: '',
        correlationId: '',
      };
      await backend.broker.publish([{ ...wire, ...message, exchange: '', routingKey: queue, ...fields }]);
      return rig.step();
    },
    async work() {
      for (let count = 0; ; count++) {
        const [delivery] = await receive();
        if (delivery === undefined) return count;
        await handle(delivery);
      }
    },
    async stored(id) {
      const [found] = await backend.results.get([id]);
      return { state: found?.state ?? 'PENDING', result: found === undefined ? undefined : decodeJson(found.result) };
    },
    async counts() {
      const [counts] = await backend.admin.counts([queue]);
      const { ready = 0, inFlight = 0, delayed = 0, dead = 0 } = counts ?? {};
      return { ready, inFlight, delayed, dead };
    },
    async reasons() {
      return (await backend.admin.peek(queue, { place: 'dead', limit: 100 })).map(({ reason }) => reason);
    },
  };
  return rig;
}

/** The id that a settlement's delivery ran under, where it is no exchange's copy. */
export function idOf({ delivery }: Settlement): string {
  return delivery.message.correlationId;
}
