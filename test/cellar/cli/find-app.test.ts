import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FIXTURE, runHere } from './run-cli-here.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cellar-app-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const inspect = (...more: string[]) => runHere(['inspect', 'queues', ...more], { cwd: folder });
const write = (name: string, text: string) => writeFile(join(folder, name), text);

describe('finding the application', () => {
  it('reads cellar.app of the package.json above, and keeps the data beside that file', async () => {
    await write('package.json', JSON.stringify({ cellar: { app: join(FIXTURE, 'app.ts') } }));
    await mkdir(join(folder, 'deep', 'er'), { recursive: true });
    await write('deep/package.json', '{}');
    const sent = await runHere(['send', 'kitchen.add', '[1,2]'], { cwd: join(folder, 'deep', 'er') });
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await inspect('--json');
    expect(JSON.parse(stdout)).toMatchObject([{ queue: 'kitchen', ready: 1 }]);
  });

  it('takes --app before it', async () => {
    await write('package.json', JSON.stringify({ cellar: { app: './missing.ts' } }));
    expect(await inspect('--app', join(FIXTURE, 'app.ts'))).toMatchObject({ code: 0, stderr: '' });
  });

  it('says how to name one where there is none', async () => {
    const { code, stderr } = await inspect();
    expect(stderr).toMatch(/^cellar: no application found from .* upwards, give --app PATH, or add .*\n$/);
    expect(code).toBe(2);
  });

  const broken: readonly (readonly [string, () => Promise<void>, RegExp])[] = [
    [
      'a module that is not there',
      () => write('package.json', '{"cellar":{"app":"./gone.ts"}}'),
      /no application module .*gone\.ts/,
    ],
    ['a package.json that is not JSON', () => write('package.json', '{'), /package\.json is not JSON: /],
    [
      'a key that is no path',
      () => write('package.json', '{"cellar":{"app":7}}'),
      /cellar\.app of .* is 7, allowed: the path/,
    ],
    [
      'a module that exports no app',
      async () => {
        await write('package.json', '{"type":"module","cellar":{"app":"./app.ts"}}');
        await write('app.ts', 'export const application = {};');
      },
      /exports application, allowed: export const app = defineApp/,
    ],
    [
      'a module that throws',
      async () => {
        await write('package.json', '{"type":"module","cellar":{"app":"./app.ts"}}');
        await write('app.ts', "throw new Error('no cork\\nscrew');");
      },
      /cannot load .*app\.ts: Error: no cork/,
    ],
  ];

  it.each(broken)('%s is one line and exit code 2', async (_what, prepare, line) => {
    await prepare();
    const { code, stdout, stderr } = await inspect();
    expect(stderr).toMatch(line);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
