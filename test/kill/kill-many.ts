/** Starts processes that work, and kills each at a random moment. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';

/** Numbers in [0, 1) that are the same in every run (a linear congruential generator, Numerical Recipes). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Node's own modules for what is bundled from CommonJS. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/** A program of `process/` in one file: so it starts in a tenth of the time that its sources take. */
export function bundleProgram(name: string, folder: string): string {
  const esbuild = fileURLToPath(new URL('../../node_modules/esbuild/bin/esbuild', import.meta.url));
  const source = fileURLToPath(new URL(`./process/${name}.ts`, import.meta.url));
  const script = join(folder, `${name}.mjs`);
  const options = ['--bundle', '--platform=node', '--format=esm', '--target=node24', '--log-level=error'];
  execFileSync(esbuild, [source, ...options, `--banner:js=${REQUIRE}`, `--outfile=${script}`]);
  return script;
}

export interface Killing {
  readonly script: string;
  readonly arguments: readonly string[];
  readonly kills: number;
  /** Processes at the same time. */
  readonly side: number;
  readonly seed: number;
  /** How long one lives at most after it has printed its first line, in ms; at least 5. */
  readonly longestMs: number;
}

export async function killMany({ script, arguments: words, kills, side, seed, longestMs }: Killing): Promise<void> {
  const random = seeded(seed);
  const living = new Set<ChildProcess>();
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun++ < kills) await liveAndDie();
  };
  async function liveAndDie(): Promise<void> {
    const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    living.add(started);
    const ended = once(started, 'exit');
    const ready = once(started.stdout, 'data');
    const first = await Promise.race([ready.then(() => 'ready'), ended.then(() => 'ended')]);
    expect(first).toBe('ready');
    await pause(5 + random() * (longestMs - 5));
    started.kill('SIGKILL');
    const [, signal] = await ended;
    living.delete(started);
    expect(signal).toBe('SIGKILL');
  }
  try {
    await Promise.all(Array.from({ length: side }, lane));
  } finally {
    for (const started of living) started.kill('SIGKILL');
  }
}
