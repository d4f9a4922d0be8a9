/** A thread of a child process that ends the process when its worker has died, even when the event loop of its tasks is blocked. */
import { Socket } from 'node:net';
import process from 'node:process';
import { workerData } from 'node:worker_threads';

new Socket({ fd: Number(workerData) })
  .on('error', () => undefined)
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .resume();
