import { beforeEach, describe, expect, it } from '@jest/globals';
import { dataFolder, eventually } from './run-cli-here.ts';

const data = dataFolder();
const counts = async () => (await data.json(['inspect', 'queues']))[0];

beforeEach(async () => {
  await data.cellar(['purge', 'kitchen', '--yes']);
});

/** Leaves `count` dead letters in the kitchen. */
async function failTasks(count: number): Promise<void> {
  const before = (await counts()).dead;
  for (let sent = 0; sent < count; sent++) await data.cellar(['send', 'kitchen.fail']);
  const worker = data.start(['worker'], { env: { CELLAR_LOG_LEVEL: 'error' } });
  await eventually(async () => ((await counts()).dead === before + count ? true : undefined));
  worker.stop();
  await worker.ended;
}

describe('inspect', () => {
  it('counts queues in an aligned table', async () => {
    await data.cellar(['send', 'kitchen.add', '[1,2]']);
    await data.cellar(['send', 'kitchen.add', '[1,2]', '--countdown', '900']);
    const { stdout } = await data.cellar(['inspect', 'queues']);
    const [head = '', row = ''] = stdout.split('\n');
    expect(head).toBe('QUEUE    READY  IN FLIGHT  DELAYED  DEAD  OLDEST READY');
    expect(row).toMatch(/^kitchen {6}1 {10}0 {8}1 {5}0 +\d/);
  });

  it('lists tasks by state, name and number', async () => {
    for (const note of ['a', 'b', 'c']) await data.cellar(['send', 'kitchen.add', `[1,2,"${note}"]`]);
    await data.cellar(['send', 'kitchen.order', '[9]']);
    const newest = await data.json(['inspect', 'tasks', '--state', 'pending', '--task', 'ADD', '--limit', '2']);
    expect(newest.map(({ args }: { args: unknown }) => args)).toEqual([
      [1, 2, 'c'],
      [1, 2, 'b'],
    ]);
    const { stdout } = await data.cellar(['inspect', 'tasks', '--task', 'order']);
    expect(stdout).toMatch(
      /^ID +TASK +STATE +QUEUE +CHANGED +DUE +RUNTIME +RESULT\n\S+ +kitchen\.order\(9\) +PENDING +kitchen /,
    );
  });

  it('says so when there is nothing, and prints an empty list as JSON', async () => {
    const nothing = await data.cellar(['inspect', 'tasks', '--state', 'STARTED']);
    expect(nothing).toEqual({ code: 0, stdout: '', stderr: 'cellar: no tasks\n' });
    expect(await data.json(['inspect', 'tasks', '--state', 'STARTED'])).toEqual([]);
  });

  it('shows schedules in plain words with their next run in their own zone', async () => {
    const { stdout } = await data.cellar(['inspect', 'schedules']);
    expect(stdout).toMatch(
      /^open-kitchen +at 07:00 on Monday \(Europe\/Zurich\) +kitchen\.add\(7, 0\) +kitchen +- +\d{4}-\d\d-\d\d 07:00:00 +Europe\/Zurich$/m,
    );
  });
});

describe('purge', () => {
  it('asks a person first, and deletes nothing at a no', async () => {
    await data.cellar(['send', 'kitchen.add', '[1,2]']);
    const no = await data.cellar(['purge', 'kitchen'], { isTTY: true, stdin: 'n\n' });
    expect(no.stderr).toContain('delete 1 messages of the queue kitchen? [y/N]');
    expect(no).toMatchObject({ code: 1, stdout: '' });
    expect(await counts()).toMatchObject({ ready: 1 });
  });

  it('deletes ready and delayed messages at a yes', async () => {
    await data.cellar(['send', 'kitchen.add', '[1,2]']);
    await data.cellar(['send', 'kitchen.add', '[1,2]', '--countdown', '900']);
    const yes = await data.cellar(['purge', 'kitchen'], { isTTY: true, stdin: 'yes\n' });
    expect(yes).toMatchObject({ code: 0, stdout: '2 messages of kitchen deleted\n' });
    expect(await counts()).toMatchObject({ ready: 0, delayed: 0 });
  });

  it('is refused without --yes where nobody can be asked', async () => {
    const { code, stderr } = await data.cellar(['purge', 'kitchen']);
    expect(stderr).toMatch(/^cellar: purge asks first and there is no terminal to answer at, allowed: --yes\n$/);
    expect(code).toBe(2);
  });
});

describe('redrive', () => {
  it('sends dead messages back, as many as asked for', async () => {
    await failTasks(3);
    expect(await data.cellar(['redrive', 'kitchen', '--limit', '2'])).toMatchObject({
      code: 0,
      stdout: '2 dead messages sent back to kitchen\n',
    });
    expect(await counts()).toMatchObject({ ready: 2, dead: 1 });
    // Their earlier failure is stored; what is shown is that they wait again.
    const waiting = await data.json(['inspect', 'tasks', '--state', 'PENDING']);
    expect(waiting).toMatchObject([{ generation: 1 }, { generation: 1 }]);
    expect(await data.json(['redrive', 'kitchen'])).toEqual({ queue: 'kitchen', redriven: 1 });
  });
});

describe('route', () => {
  it('names the queues, one a line', async () => {
    const { code, stdout } = await data.cellar(['route', 'dishes', '--key', 'hot.soup']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'kitchen\n' });
  });

  it('reads header values as JSON, else as text', async () => {
    expect(await data.json(['route', 'labels', '--header', 'spicy=3', '--header', 'name=soup of a=b'])).toEqual({
      exchange: 'labels',
      routingKey: '',
      headers: { spicy: 3, name: 'soup of a=b' },
      queues: ['kitchen'],
    });
    expect(await data.json(['route', 'labels', '--header', 'spicy="3"'])).toMatchObject({ queues: [] });
  });

  it('says so when no queue matches', async () => {
    const { code, stdout, stderr } = await data.cellar(['route', 'dishes', '--key', 'cold.soup']);
    expect(stderr).toBe("cellar: no queue matches on 'dishes' with the routing key 'cold.soup'\n");
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });

  it("takes '' for the default exchange", async () => {
    expect(await data.json(['route', '', '--key', 'kitchen'])).toMatchObject({ queues: ['kitchen'] });
  });
});
