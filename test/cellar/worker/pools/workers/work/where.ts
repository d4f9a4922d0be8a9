import process from 'node:process';
import { threadId } from 'node:worker_threads';
import { where } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(where, ({ opened, request }) => ({
  pid: process.pid,
  threadId,
  opened,
  queue: request.queue,
  retries: request.retries,
  own: request.headers.own,
}));
