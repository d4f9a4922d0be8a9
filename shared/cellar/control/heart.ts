/** A node's signs of life: monitors hold it for gone when they hear none for twice `freq` (celery/worker/heartbeat.py). */
import { loadavg, type as systemName } from 'node:os';
import { repeat } from '../worker/repeat.ts';
import type { WorkerNode } from './worker-node.ts';

export type Sign = 'worker-online' | 'worker-heartbeat' | 'worker-offline';

/** Seconds between two signs. */
const FREQUENCY = 2;

/** Sends one sign; nothing where the broker carries no events. */
export function sendSign(node: WorkerNode, sign: Sign, version: string, frequency: number = FREQUENCY): void {
  node.events?.send(sign, {
    freq: frequency,
    active: node.active.size,
    processed: node.processed,
    loadavg: loadavg().map((load) => Math.round(load * 100) / 100),
    sw_ident: 'cellar',
    sw_ver: version,
    sw_sys: systemName(),
  });
}

/** Sends signs until the function that it answers is called, which sends the last. */
export function startHeart(node: WorkerNode, version: string): () => void {
  sendSign(node, 'worker-online', version);
  const rest = repeat(node.clock, FREQUENCY * 1000, () => sendSign(node, 'worker-heartbeat', version));
  return () => {
    rest();
    sendSign(node, 'worker-offline', version);
  };
}
