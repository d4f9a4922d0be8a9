/** What a thread or process of a pool begins with: serves its worker until that says `close`, or is gone. */
import process from 'node:process';
import { parentPort, Worker } from 'node:worker_threads';
import { systemRuntime } from '../../clock.ts';
import { childEntry } from './child-link.ts';
import { ChildServer } from './child-server.ts';

/** The pipe to the worker that nothing is ever written to: it ends when the worker's process does. */
const PARENT_PIPE = 4;

if (parentPort !== null) {
  const port = parentPort;
  const server = new ChildServer({ runtime: systemRuntime, send: (text) => port.postMessage(text), exit });
  port.on('message', (text: string) => server.receive(text));
} else {
  // Ctrl-C and a service manager signal the whole process group; the worker says what is to end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit(1));
  const server = new ChildServer({ runtime: systemRuntime, send: (text) => void process.send?.(text), exit });
  process.on('message', (text: string) => server.receive(text));
  new Worker(childEntry('parent-watch'), { workerData: PARENT_PIPE }).unref();
}

function exit(): void {
  process.exit(0);
}
