import type { Backend } from '../../../../shared/cellar/backend.ts';
import { openEmbedded } from '../../../../shared/cellar/brokers/embedded/open-embedded.ts';
import { systemRuntime } from '../../../../shared/cellar/clock.ts';
import { topology as checked } from '../../../../shared/cellar/topology.ts';

export const topology = checked({ queues: { mail: { visibilityTimeoutSeconds: 600, maxDeliveries: 5 } } });

/** Opens the file as the processes of these tests do, with a visibility timeout that no test waits for. */
export async function openHere(path: string): Promise<Backend> {
  const backend = await openEmbedded({
    path,
    runtime: systemRuntime,
    durability: 'process',
    resultExpiresSeconds: 600,
  });
  await backend.broker.declare(topology);
  return backend;
}
