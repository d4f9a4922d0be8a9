/** What a Lambda bundle holds of AWS's calls, and what a process loads. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const LARGEST_BYTES = 5 * 1024;

interface Metafile {
  readonly inputs: Readonly<Record<string, object>>;
  readonly outputs: Readonly<Record<string, { readonly imports: readonly { readonly path: string }[] }>>;
}

describe('calls to AWS, bundled', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cellar-bundle-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function bundle(source: string, ...flags: readonly string[]) {
    const out = join(folder, 'out.mjs');
    const meta = join(folder, 'meta.json');
    const entry = join(folder, 'entry.ts');
    writeFileSync(entry, source);
    execFileSync(
      join(ROOT, 'node_modules/.bin/esbuild'),
      [
        ...[entry, '--bundle', '--minify', '--format=esm', '--platform=node', '--log-level=error'],
        ...[`--outfile=${out}`, `--metafile=${meta}`, '--external:@aws-sdk/*', ...flags],
      ],
      { cwd: ROOT, env: { ...process.env, NODE_PATH: join(ROOT, 'node_modules') } },
    );
    const { inputs, outputs }: Metafile = JSON.parse(readFileSync(meta, 'utf8'));
    const imports = Object.values(outputs).flatMap((output) => output.imports.map(({ path }) => path));
    return { inputs: Object.keys(inputs), imports, gzipBytes: gzipSync(readFileSync(out), { level: 9 }).length };
  }

  it('are signed fetch and less than 5 KiB under the condition lambda', () => {
    const { inputs, imports } = bundle(`export { openAwsCalls } from 'cellar/aws';`, '--conditions=lambda');
    expect(inputs.filter((path) => /calls\/(sdk|open)-/.test(path))).toEqual([
      expect.stringMatching(/calls\/open-calls\.lambda\.ts$/),
    ]);
    expect(imports.filter((path) => path.startsWith('@aws-sdk'))).toEqual([]);
    const calls = join(ROOT, 'shared/cellar/aws/calls/fetch-calls.ts');
    const { gzipBytes } = bundle(`export { fetchCalls } from '${calls}';`);
    process.stdout.write(`signed fetch for all calls: ${(gzipBytes / 1024).toFixed(1)} KiB gzip\n`);
    expect(gzipBytes).toBeLessThan(LARGEST_BYTES);
  });

  it("are the SDK's clients elsewhere, each loaded when it is needed", () => {
    const { imports } = bundle(`export { openAwsCalls } from 'cellar/aws';`);
    const clients = ['dynamodb', 's3', 'scheduler', 'sns', 'sqs'].map((name) => `@aws-sdk/client-${name}`);
    expect(imports.filter((path) => path.startsWith('@aws-sdk')).sort()).toEqual(clients);
  });
});

describe('a process', () => {
  const loads = (call: string, ...flags: readonly string[]): readonly string[] => {
    const program = `
      import { registerHooks } from 'node:module';
      const loaded = new Set();
      registerHooks({ load(url, context, next) {
        const name = /@aws-sdk.client-[a-z0-9]+/.exec(url)?.[0] ?? /calls.open-calls[.a-z]*/.exec(url)?.[0];
        if (name !== undefined) loaded.add(name);
        return next(url, context);
      } });
      const { openAwsCalls, parseAwsUrl } = await import('cellar/aws');
      const { systemRuntime } = await import('cellar');
      const location = parseAwsUrl('sqs://us-east-1/000000000000/shop', 'http://127.0.0.1:9');
      await openAwsCalls(location, systemRuntime).call(${call}).catch(() => undefined);
      console.log(JSON.stringify([...loaded]));`;
    const text = execFileSync(process.execPath, [...flags, '--input-type=module', '-e', program], {
      ...{ cwd: ROOT, encoding: 'utf8' },
      env: { PATH: process.env['PATH'], AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    });
    return JSON.parse(text);
  };

  it('that calls SQS loads no other client', () => {
    const loaded = loads(`'sqs:PurgeQueue', { QueueUrl: 'x' }`);
    expect(loaded).toEqual(['calls/open-calls.ts', '@aws-sdk/client-sqs']);
  });

  it('has signed fetch under the condition lambda', () => {
    expect(loads(`'sqs:PurgeQueue', { QueueUrl: 'x' }`, '--conditions=lambda')).toEqual(['calls/open-calls.lambda.ts']);
  });
});
