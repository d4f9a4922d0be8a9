/** Real Celery for tests: Python from the virtual environment that `.ci/servers` makes, spoken to in lines of JSON. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { serversFolder } from '../../functions/local/deploy/ministack.ts';
import { neededInCi } from './aws/emulator.ts';

/** The interpreter that has Celery, kombu and redis. */
export const celeryPython = join(serversFolder(process.env), 'celery', 'bin', 'python');

/**
 * Whether tests have Celery here.
 * @throws Error where `CI` is `true` and there is none
 */
export function hasCelery(): boolean {
  return neededInCi(existsSync(celeryPython), 'Celery');
}

/** A script of `test/celery` that answers each line of JSON on its standard input with one on its standard output, in order. */
export interface CeleryScript {
  /** @throws Error with what it printed, where the script ends instead of answering */
  ask<Answer = unknown>(command: object): Promise<Answer>;
  stop(): Promise<void>;
}

export function startCeleryScript(name: string, ...args: readonly string[]): CeleryScript {
  const script = fileURLToPath(new URL(`../celery/${name}`, import.meta.url));
  const child = spawn(celeryPython, [script, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting: PromiseWithResolvers<unknown>[] = [];
  let faults = '';
  child.stderr.on('data', (chunk: Buffer) => (faults += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.once('exit', (code) => {
    for (const one of waiting) one.reject(new Error(`${name} ended with ${code}: ${faults.slice(-4_000)}`));
  });
  return {
    async ask<Answer>(command: object) {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${faults.slice(-4_000)}`);
      const answer = Promise.withResolvers<unknown>();
      waiting.push(answer);
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return (await answer.promise) as Answer; // the script and its test agree on the form
    },
    stop: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}
