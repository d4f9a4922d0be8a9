import { hostname } from 'node:os';

/**
 * What a client of this process names itself in the header `origin`, as Celery names a producer.
 *
 * What a function loads uses `process` as a global: importing it makes Node open its streams, 7 ms of a start.
 */
export function originName(): string {
  return `gen${process.pid}@${hostname()}`;
}
