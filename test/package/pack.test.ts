import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const example = /```ts\n([\s\S]*?)```/;

function exampleOf(file: string): string {
  return example.exec(readFileSync(join(root, file), 'utf8'))?.[1] ?? '';
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** A consumer's compiler options. */
const STRICT = {
  strict: true,
  module: 'nodenext',
  target: 'es2024',
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
};

/** A project of its own with the packed library, as `npm install cellar zod` would make it. */
describe('the packed library', () => {
  let project: string;
  const npm = (...args: string[]): string => execFileSync('npm', args, { cwd: project, encoding: 'utf8' });
  const node = (...args: string[]): string =>
    execFileSync(process.execPath, args, {
      cwd: project,
      encoding: 'utf8',
      stdio: 'pipe',
      env: { PATH: process.env['PATH'] },
    });

  const compile = (): string =>
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', project], { encoding: 'utf8' });

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'cellar-pack-'));
    execFileSync(process.execPath, [join(root, 'shared/cellar/build.ts')], { cwd: root });
    execFileSync('npm', ['pack', '--pack-destination', project], {
      cwd: join(root, 'shared/cellar/dist'),
      stdio: 'ignore',
    });
    const tarball = readdirSync(project).find((name) => name.endsWith('.tgz')) ?? 'no tarball';
    writeFileSync(join(project, 'package.json'), '{"name":"empty","private":true,"type":"module"}');
    const others = ['zod', '@types/node', 'undici-types'].map((name) => join(root, 'node_modules', name));
    npm('install', '--offline', '--install-links', '--no-audit', '--no-fund', join(project, tarball), ...others);
  }, 180_000);

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it('brings nothing but itself, and little of it', () => {
    const installed = JSON.parse(readFileSync(join(project, 'node_modules/cellar/package.json'), 'utf8'));
    expect(installed.dependencies).toBeUndefined();
    const kib = sizeOf(join(project, 'node_modules/cellar')) / 1024;
    process.stdout.write(`installed size of cellar: ${Math.round(kib)} KiB\n`);
    expect(kib).toBeGreaterThan(50);
    expect(kib).toBeLessThan(2_000);
  });

  it.each(['README.md', 'shared/cellar/README.md'])('runs the example of %s as pasted', (file) => {
    const source = exampleOf(file);
    expect(source.trim().split('\n').length).toBeLessThanOrEqual(12);
    writeFileSync(join(project, 'example.ts'), source);
    expect(node('example.ts').trim()).toBe('2 + 3 = 5');
  });

  it('type-checks the example in a strict project, and refuses a wrong call', () => {
    const source = exampleOf('README.md');
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: STRICT, include: ['*.ts'] }));
    writeFileSync(join(project, 'example.ts'), source);
    expect(compile()).toBe('');
    writeFileSync(join(project, 'wrong.ts'), `${source.replace('{ x: 2, y: 3 }', '{ x: 2 }')}`);
    expect(compile).toThrow();
  });

  it('calls AWS by optional packages, and says which one is missing', () => {
    const program = (call: string): string => `
      import { systemRuntime } from 'cellar';
      import { openAwsCalls, parseAwsUrl } from 'cellar/aws';
      const location = parseAwsUrl('sqs://eu-central-1/123456789012/shop', 'http://127.0.0.1:9');
      const calls = openAwsCalls(location, systemRuntime, { environment: {} });
      const error: unknown = await calls.call(${call}).catch((thrown: unknown) => thrown);
      console.log(String(error));`;
    writeFileSync(join(project, 'aws.ts'), program(`'sqs:PurgeQueue', { QueueUrl: 'x' }`));
    expect(node('aws.ts')).toContain('CellarError: @aws-sdk/client-sqs is not installed');
    expect(node('--conditions=lambda', 'aws.ts')).toContain('CellarError: AWS_ACCESS_KEY_ID is not set');
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...STRICT, skipLibCheck: false }, include: ['aws.ts'] }),
    );
    expect(compile()).toBe('');
  });

  it('has the cellar command', () => {
    const command = join(project, 'node_modules/.bin/cellar');
    mkdirSync(dirname(command), { recursive: true });
    expect(node(command, '--help')).toContain('cellar send');
  });
});
