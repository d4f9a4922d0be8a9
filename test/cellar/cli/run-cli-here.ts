/** Runs the command line inside the test, with streams that remember what was written. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from '@jest/globals';
import type { StopSignal } from '../../../shared/cellar/cli/cli-io.ts';
import { runCli } from '../../../shared/cellar/cli/run-cli.ts';
import { systemRuntime } from '../../../shared/cellar/clock.ts';

/** The folder of the small application that the tests work on. */
export const FIXTURE = fileURLToPath(new URL('./fixture', import.meta.url));

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly ended: Promise<Ended>;
  /** What was written to standard output so far. */
  stdout(): string;
  /** Sends it a SIGTERM. */
  stop(): void;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** @default the fixture's folder */
  readonly cwd?: string;
  /** Text on standard input. @default nothing */
  readonly stdin?: string;
  /** A person sits at the terminal. @default false */
  readonly isTTY?: boolean;
}

class Collected extends Writable {
  text = '';
  readonly isTTY: boolean;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Starts a command; it ends by itself or at `stop`. */
export function startHere(argv: readonly string[], options: RunOptions = {}): Started {
  const { env = {}, cwd = FIXTURE, stdin = '', isTTY = false } = options;
  const stdout = new Collected(isTTY);
  const stderr = new Collected(isTTY);
  const listeners = new Set<(signal: StopSignal) => void>();
  const code = runCli({
    argv,
    env,
    cwd,
    stdin: Object.assign(Readable.from([stdin]), { isTTY }),
    stdout,
    stderr,
    runtime: systemRuntime,
    onStopSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  return {
    ended: code.then((value) => ({ code: value, stdout: stdout.text, stderr: stderr.text })),
    stdout: () => stdout.text,
    stop() {
      for (const listener of listeners) listener('SIGTERM');
    },
  };
}

/** Runs a command to its end. */
export function runHere(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return startHere(argv, options).ended;
}

/** A data folder for the tests of one file, removed after them; `cellar` runs a command on it. */
export function dataFolder() {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cellar-cli-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const on = (argv: readonly string[]): string[] => [...argv, '--data-dir', folder];
  return {
    path: () => folder,
    cellar: (argv: readonly string[], options?: RunOptions) => runHere(on(argv), options),
    start: (argv: readonly string[], options?: RunOptions) => startHere(on(argv), options),
    /** Runs it and reads its JSON. */
    async json(argv: readonly string[]) {
      const { stdout } = await runHere(on([...argv, '--json']));
      return JSON.parse(stdout);
    },
  };
}

/** Asks until the answer is there, at most a minute: the machine may be busy. */
export async function eventually<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const endMs = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > endMs) throw new Error('it did not happen within a minute');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
