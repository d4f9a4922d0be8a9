import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { CellarError, discover, topology } from 'cellar';

const folder = (name: string) => fileURLToPath(new URL(`./discover/${name}`, import.meta.url));
const queuesOf = (...names: readonly string[]) =>
  topology({ queues: Object.fromEntries(names.map((name) => [name, {}])) });

async function problemsOf(name: string, ...queues: readonly string[]): Promise<CellarError> {
  const error = await discover(folder(name), queuesOf(...queues)).catch((thrown: unknown) => thrown);
  if (error instanceof CellarError) return error;
  throw new Error(`no fault was found in ${name}`);
}

describe('discover', () => {
  it('finds the handlers of every folder by queue and task', async () => {
    const found = await discover(folder('good'), queuesOf('mail'));
    expect([...found.keys()]).toEqual(['mail']);
    const mail = found.get('mail');
    expect(mail?.worker.queue).toBe('mail');
    expect([...(mail?.handlers.keys() ?? [])]).toEqual(['tests.first', 'tests.second']);
    expect(mail?.handlers.get('tests.second')?.run({}, {})).toBe('second');
  });

  it('takes a file URL as well', async () => {
    const found = await discover(new URL('./discover/good', import.meta.url).href, queuesOf('mail'));
    expect([...found.keys()]).toEqual(['mail']);
  });

  it('looks for no folder of a queue that is worked on elsewhere', async () => {
    const declared = topology({ queues: { mail: {}, python: { elsewhere: true } } });
    expect([...(await discover(folder('good'), declared)).keys()]).toEqual(['mail']);
  });

  it('refuses a task that has two handlers in one queue, and names both files', async () => {
    const { code, message } = await problemsOf('twice', 'mail');
    expect(code).toBe('duplicate-handler');
    expect(message).toMatch(/tests\.first.*mail.*twice\/mail\/one\.ts and .*twice\/mail\/two\.ts/);
  });

  it('says when the folder is not there', async () => {
    const { code, message } = await problemsOf('nowhere', 'mail');
    expect(code).toBe('discovery');
    expect(message).toContain('discover/nowhere');
  });

  it('reports every fault at once, each with its file', async () => {
    const { code, problems } = await problemsOf('bad', 'mail', 'orders', 'double', 'broken', 'bare', 'foreign');
    expect(code).toBe('discovery');
    const expected = [
      /bad\/mail\/text\.ts has no handler as its default export/,
      /bad\/mail\/no-default\.ts has no handler as its default export/,
      /bad\/mail\/no-contract\.ts has a handler without a contract/,
      /folder .*bad\/ordres has no queue ordres in the topology, did you mean orders/,
      /queue orders is declared but has no folder .*bad\/orders/,
      /bad\/broken\/throws\.ts cannot be loaded: Error: cannot reach the database/,
      /folder .*bad\/bare has no worker\.ts/,
      /bad\/foreign\/worker\.ts must export the worker of the queue foreign, got other/,
      /tests\.first on queue double has two handlers: .*one\.ts and .*two\.ts/,
    ];
    for (const pattern of expected) expect(problems).toContainEqual(expect.stringMatching(pattern));
    expect(problems).toHaveLength(expected.length);
  });
});
