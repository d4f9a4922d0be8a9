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

describe('cdk synth', () => {
  let folder: string;
  let seconds: number;
  let printed: string;

  /** What the cdk command runs, in an environment without an account. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cellar-synth-'));
    const { context } = JSON.parse(await readFile(join(PROJECT, 'cdk.json'), 'utf8'));
    const started = performance.now();
    const { stderr } = await run(process.execPath, ['infra/app.ts'], {
      cwd: PROJECT,
      env: {
        PATH: process.env.PATH,
        CDK_OUTDIR: folder,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, cdn: 'true' }),
      },
    });
    seconds = (performance.now() - started) / 1000;
    printed = stderr;
  }, 120_000);

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
    // Alone it takes some 5 s; other tests run beside it.
    expect(seconds).toBeLessThan(45);
  });
});
