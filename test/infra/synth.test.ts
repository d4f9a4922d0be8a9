import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** A shell that runs the app and then says, on its own last line, what its children took of the processor. */
const MEASURED = '"$0" infra/app.ts && times';
const SECONDS_TAKEN = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/;

/** User and system seconds of a line of `times`. */
function secondsOf(line: string): number {
  const [, minutes, seconds, systemMinutes, systemSeconds] = (SECONDS_TAKEN.exec(line) ?? []).map(Number);
  return 60 * ((minutes ?? Number.NaN) + (systemMinutes ?? 0)) + (seconds ?? 0) + (systemSeconds ?? 0);
}

describe('cdk synth', () => {
  let folder: string;
  let processorSeconds: number;
  let printed: string;

  /** What the cdk command runs, in an environment without an account. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cellar-synth-'));
    const { context } = JSON.parse(await readFile(join(PROJECT, 'cdk.json'), 'utf8'));
    const { stdout, stderr } = await run('/bin/sh', ['-c', MEASURED, process.execPath], {
      cwd: PROJECT,
      env: {
        PATH: process.env.PATH,
        CDK_OUTDIR: folder,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, cdn: 'true' }),
      },
    });
    processorSeconds = secondsOf(stdout.trim().split('\n').at(-1) ?? '');
    printed = stderr;
  }, 300_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('makes every stack with its functions bundled, without an account and without Docker', async () => {
    const names = await readdir(folder);
    expect(names.filter((name) => name.endsWith('.template.json'))).toHaveLength(6);
    const bundles = names.filter((name) => name.startsWith('asset.'));
    expect(bundles.length).toBeGreaterThanOrEqual(10);
    for (const bundle of bundles) expect(await readdir(join(folder, bundle))).toContain('index.mjs');
  });

  it('says what the system costs', () => {
    expect(printed).toMatch(/idle, a month: \d\.\d\d a queue with its alarms/);
    expect(printed).toMatch(/a million tasks sent in batches, no result: \d\.\d\d/);
  });

  it('is done in seconds', () => {
    // Alone it is done in some 5 s; how long it waits for the processor beside other tests says nothing.
    expect(processorSeconds).toBeLessThan(15);
  });
});
