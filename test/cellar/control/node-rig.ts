/** A node whose broker, bus and clock are the test's. */
import { Cellar, loadSettings, topology } from 'cellar';
import type { Backend } from '../../../shared/cellar/backend.ts';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { askNodes } from '../../../shared/cellar/control/ask-nodes.ts';
import { type NodeOptions, startNode } from '../../../shared/cellar/control/start-node.ts';
import { registryOf } from '../../../shared/cellar/worker/registry.ts';
import type { BoundHandler } from '../../../shared/cellar/worker.ts';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';
import { collectingLog } from '../worker/rig.ts';
import { type FakeBus, fakeBus } from './fake-bus.ts';

export interface NodeRigOptions extends Partial<NodeOptions> {
  readonly environment?: Readonly<Record<string, string>>;
  readonly bus?: FakeBus;
}

/** Starts a node named `w1@test` for the queues of these handlers; `other` is declared too and has none. */
export async function openNodeRig(bound: readonly BoundHandler[], options: NodeRigOptions = {}) {
  const { environment = {}, bus = fakeBus(), ...nodeOptions } = options;
  const clock = manualClock();
  const runtime = manualRuntime(clock);
  const { log, logged } = collectingLog();
  const backend: Backend = { ...(await openMemory({ runtime })), control: bus };
  const available = registryOf(bound.map((handler, index) => ({ handler, source: `handler ${index}` })));
  const queues = Object.fromEntries([...available.keys(), 'other'].map((name) => [name, {}]));
  const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_WORKER_CONCURRENCY: '2', ...environment });
  const cellar = await Cellar.open({ settings, topology: topology({ queues }), runtime, log, backend });
  const node = await startNode(cellar, { available, name: 'w1@test', mingles: false, ...nodeOptions });
  return {
    cellar,
    clock,
    bus,
    node,
    logged,
    /** The node's answer to a command. */
    ask: async (method: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
      (await askNodes(cellar, method, args)).get(node.name),
    /** The tasks' events so far, in order. */
    taskEvents: () =>
      bus.events
        .filter(({ routingKey }) => routingKey === 'task.multi')
        .flatMap(({ body }): Record<string, unknown>[] => JSON.parse(body)),
    /** The node's own events so far. */
    nodeEvents: () =>
      bus.events
        .filter(({ routingKey }) => routingKey.startsWith('worker.'))
        .map(({ body }): Record<string, unknown> => JSON.parse(body)),
    async close() {
      await node.stop({ cold: true });
      await cellar.close();
    },
  };
}

export type NodeRig = Awaited<ReturnType<typeof openNodeRig>>;
