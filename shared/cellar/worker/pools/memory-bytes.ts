import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

/** What this child has: the resident memory of its process, or the heap and buffers of its thread, whose process is shared. */
export function memoryBytes(): number {
  const { rss, heapUsed, external } = process.memoryUsage();
  return isMainThread ? rss : heapUsed + external;
}
