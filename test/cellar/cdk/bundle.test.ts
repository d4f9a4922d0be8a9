import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { discover } from 'cellar';
import { type Application, type Bundle, bundle, CellarApp, readApplication, writeBundle } from 'cellar/cdk';
import { workerEntry } from '../../../shared/cellar/cdk/entry-code.ts';
import { appWithoutBundles, resourcesOf, textOf } from './templates.ts';

const HERE = fileURLToPath(new URL('./', import.meta.url));

/** A copy of the fixture that may be changed: next to it, so that it finds the same packages. */
function copyOfFixture(): string {
  const folder = mkdtempSync(join(HERE, 'made-'));
  cpSync(join(HERE, 'fixture'), folder, { recursive: true });
  return folder;
}

const codeOf = ({ appModule, workers }: Application, queue: string): string => {
  const worker = workers.find((candidate) => candidate.queue === queue);
  const entry = workerEntry(appModule, worker?.files ?? []);
  return 'code' in entry ? entry.code : '';
};

describe('the entry of a worker', () => {
  let folder: string;

  beforeAll(() => {
    folder = copyOfFixture();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('imports every task of its folder, and a new task file without another edit', async () => {
    const options = { appModule: join(folder, 'app.ts'), prefix: 'shop' };
    const before = codeOf(await readApplication(options), 'mail');
    expect(before).toContain("from './workers/mail/send-letter.ts'");
    expect(before).toContain("from './workers/mail/send-mail.ts'");
    expect(before).not.toContain('send-card');
    writeFileSync(
      join(folder, 'workers/mail/send-card.ts'),
      `import { task } from 'cellar'; import { mail } from './worker.ts';
       export default mail.handle(task('tests.send_card', { params: {}, queue: 'mail' }), () => 1);`,
    );
    expect(codeOf(await readApplication(options), 'mail')).toContain("from './workers/mail/send-card.ts'");
  });

  it('has the handlers that discovery finds at run time', async () => {
    const application = await readApplication({ appModule: join(folder, 'app.ts'), prefix: 'shop' });
    const found = await discover(join(folder, 'workers'), application.topology);
    expect(application.workers.map(({ queue }) => queue).sort()).toEqual([...found.keys()].sort());
    for (const { queue, files } of application.workers) {
      const modules = await Promise.all(files.map((file) => import(pathToFileURL(file).href)));
      const handlers = modules.map((module) => module.default);
      expect(new Set(handlers)).toEqual(new Set(found.get(queue)?.handlers.values()));
    }
  });

  it('makes a function, a queue and a role of a new folder without another edit', async () => {
    const another = copyOfFixture();
    try {
      cpSync(join(another, 'workers/mail'), join(another, 'workers/sms'), { recursive: true });
      for (const name of readdirSync(join(another, 'workers/sms'))) rmSync(join(another, 'workers/sms', name));
      writeFileSync(
        join(another, 'workers/sms/worker.ts'),
        "import { worker } from 'cellar'; export const sms = worker({ queue: 'sms' });",
      );
      writeFileSync(
        join(another, 'workers/sms/send-sms.ts'),
        `import { sendLetter } from '../../declared.ts'; import { sms } from './worker.ts';
         export default sms.handle(sendLetter, () => 1);`,
      );
      writeFileSync(
        join(another, 'app.ts'),
        `import { defineApp, topology } from 'cellar';
         export const app = defineApp({
           topology: topology({ queues: { mail: {}, sms: {}, 'shop.reports': {} } }),
           workersFolder: new URL('./workers/', import.meta.url).href,
         });`,
      );
      const stack = new Stack(appWithoutBundles(), 'Shop');
      await CellarApp.create(stack, 'Cellar', { appModule: join(another, 'app.ts'), prefix: 'shop' });
      const names = (type: string, property: string) =>
        resourcesOf([stack], type).map(({ properties }) => textOf(properties[property]));
      expect(names('AWS::Lambda::Function', 'FunctionName')).toContain('shop-worker-sms');
      expect(names('AWS::SQS::Queue', 'QueueName')).toContain('shop-sms.fifo');
      const roles = resourcesOf([stack], 'AWS::IAM::Role').map(({ logicalId }) => logicalId);
      expect(roles.filter((name) => /sms/i.test(name))).toHaveLength(1);
    } finally {
      rmSync(another, { recursive: true, force: true });
    }
  });
});

const textOfAll = ({ modules }: Bundle): string => [...modules.values()].map(({ code }) => code).join('\n');

describe('bundle', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(HERE, 'made-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('makes modules with a handler and nothing else, of an application that synth bundles itself', async () => {
    const app = new App({ outdir: join(folder, 'out') });
    const stack = new Stack(app, 'Shop');
    await CellarApp.create(stack, 'Cellar', { appModule: join(HERE, 'fixture/app.ts'), prefix: 'shop' });
    app.synth();
    const assets = readdirSync(join(folder, 'out')).filter((name) => name.startsWith('asset.'));
    expect(assets).toHaveLength(4); // two workers, the forwarder and beat
    for (const asset of assets) {
      for (const name of readdirSync(join(folder, 'out', asset))) expect(name).toMatch(/^(index|part-\w+)\.mjs$/);
      const module = await import(pathToFileURL(join(folder, 'out', asset, 'index.mjs')).href);
      expect(typeof module.handler).toBe('function');
    }
    expect(readdirSync(join(folder, 'out', 'source-maps')).join(' ')).toMatch(/shop-worker-mail/);
  }, 60_000);

  it('takes no code that only processes need: no SDK, no SQLite', () => {
    const code = textOfAll(
      bundle(workerEntry(join(HERE, 'fixture/app.ts'), [join(HERE, 'fixture/workers/mail/send-mail.ts')])),
    );
    expect(code).not.toContain('node:sqlite');
    expect(code).not.toContain('aws-sdk');
  });

  it('lays what the module reads from disk beside it', async () => {
    writeFileSync(join(folder, 'greeting.txt'), 'hello');
    writeFileSync(
      join(folder, 'reads.ts'),
      `import { readFileSync } from 'node:fs';
       export const handler = (): string => readFileSync(new URL('./greeting.txt', import.meta.url), 'utf8');`,
    );
    writeBundle(bundle({ file: join(folder, 'reads.ts') }), join(folder, 'bundled'));
    rmSync(join(folder, 'greeting.txt'));
    const { handler } = await import(pathToFileURL(join(folder, 'bundled', 'index.mjs')).href);
    expect(handler()).toBe('hello');
  });

  it('gives CommonJS the require that a module lacks, and no other bundle', async () => {
    writeFileSync(join(folder, 'common.cjs'), "module.exports = () => require('node:path').sep;");
    writeFileSync(
      join(folder, 'asks.ts'),
      "import separator from './common.cjs'; export const handler = () => separator();",
    );
    writeFileSync(join(folder, 'plain.ts'), 'export const handler = () => 1;');
    writeBundle(bundle({ file: join(folder, 'asks.ts') }), join(folder, 'asking'));
    const { handler } = await import(pathToFileURL(join(folder, 'asking', 'index.mjs')).href);
    expect(handler()).toBe('/');
    expect(textOfAll(bundle({ file: join(folder, 'plain.ts') }))).not.toContain('createRequire');
  });

  it('refuses an import that is not there', () => {
    const code = "import { nothing } from 'cellar/lambda'; export const handler = nothing;";
    expect(() => bundle({ code, folder: HERE })).toThrow(/No matching export .* for import "nothing"/);
  });
});
