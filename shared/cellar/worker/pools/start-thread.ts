import { Worker } from 'node:worker_threads';
import { describeError } from '../../exception.ts';
import { type ChildEvents, type ChildLink, childEntry } from './child-link.ts';

/** Starts a thread. */
export function startThread(events: ChildEvents): ChildLink {
  const thread = new Worker(childEntry('child-main'));
  let fault = '';
  thread.on('message', (text) => events.message(String(text)));
  thread.on('error', (error) => {
    fault = describeError(error);
  });
  thread.once('exit', (code) => events.exit(fault || `exit code ${code}`));
  return {
    post: (text) => thread.postMessage(text),
    kill: () => void thread.terminate(),
  };
}
