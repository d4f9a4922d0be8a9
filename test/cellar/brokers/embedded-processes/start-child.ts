import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly process: ChildProcess;
  /** Resolves when the child said that it is ready; rejects when it ended before. */
  readonly ready: Promise<void>;
  /** Resolves with the exit code when it has ended; null when it was killed. */
  readonly ended: Promise<number | null>;
  /** Ends it without giving it a chance to clean up. */
  kill(): Promise<void>;
}

/** Starts `child.ts` under node. */
export function startChild(what: string, path: string): Child {
  const script = fileURLToPath(new URL('./child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, what, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (data) => {
      if (String(data).includes('ready')) resolve();
    });
    void ended.then((code) => reject(new Error(`the child '${what}' ended with ${code} before it was ready`)));
  });
  ready.catch(() => undefined);
  return {
    process: child,
    ready,
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
