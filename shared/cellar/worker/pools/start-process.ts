import { fork } from 'node:child_process';
import { describeError } from '../../exception.ts';
import { type ChildEvents, type ChildLink, childEntry } from './child-link.ts';

/** Starts a child process. It ends with this one, however this one ends: `child-main.ts` watches the pipe that is its fourth. */
export function startProcess(events: ChildEvents): ChildLink {
  const child = fork(childEntry('child-main'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'] });
  let fault = '';
  child.on('message', (text) => events.message(String(text)));
  child.on('error', (error) => {
    fault = describeError(error);
  });
  child.once('close', (code, signal) => events.exit(signal ?? (fault || `exit code ${code}`)));
  return {
    ...(child.pid === undefined ? undefined : { pid: child.pid }),
    post(text) {
      // Without a callback a failed write would be an `error` of one that has ended, and is known to have.
      if (child.connected) child.send(text, () => undefined);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
