/** Runs the command as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';
import { type Ended, eventually, FIXTURE } from './run-cli-here.ts';

export const MAIN = fileURLToPath(new URL('../../../shared/cellar/cli/main.ts', import.meta.url));

export interface Child {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout(): string;
}

type Variables = Readonly<Record<string, string>>;

export function environment(dataDir: string, more: Variables = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, CELLAR_DATA_DIR: dataDir, ...more };
}

/** Processes on one data folder; they are gone after each test, or after all of them. */
export function processes(dataDir: () => string, after: typeof afterEach = afterEach) {
  const children = new Set<ChildProcess>();
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });

  function start(argv: readonly string[], env?: Variables): Child {
    const child = spawn(process.execPath, [MAIN, ...argv], { cwd: FIXTURE, env: environment(dataDir(), env) });
    children.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    });
    return { child, ended, stdout: () => stdout };
  }

  /** Resolves when it takes messages. */
  async function startWorker(env?: Variables, argv: readonly string[] = []): Promise<Child> {
    const worker = start(['worker', ...argv], env);
    const isReady = () => /^(ready: |\{"ready":)/.test(worker.stdout()) || undefined;
    await Promise.race([eventually(isReady), worker.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
    return worker;
  }

  return { start, startWorker };
}
