import { describe, expect, it } from '@jest/globals';
import { dataFolder, eventually, FIXTURE, type Started } from './run-cli-here.ts';

const data = dataFolder();

/** Runs a worker beside the commands of a test. */
async function withWorker<T>(run: () => Promise<T>): Promise<T> {
  const worker: Started = data.start(['worker', '--concurrency', '4'], { env: { CELLAR_LOG_LEVEL: 'error' } });
  await eventually(() => (worker.stdout().includes('ready: worker on embedded:, queues kitchen') ? true : undefined));
  try {
    return await run();
  } finally {
    worker.stop();
    expect(await worker.ended).toMatchObject({ code: 0 });
  }
}

const sentId = (stdout: string): string => /^id\s+(\S+)$/m.exec(stdout)?.[1] ?? '';

describe('send', () => {
  it('prints the id, and the result is there once a worker ran it', async () => {
    const { code, stdout } = await data.cellar(['send', 'kitchen.add', '{"y": 2, "x": 40, "note": "né"}']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^id {5}[0-9a-f-]{36}\ntask {3}kitchen\.add\nqueue {2}kitchen\n$/),
    });
    const id = sentId(stdout);
    expect(await data.json(['result', id])).toMatchObject({
      state: 'PENDING',
      place: 'ready',
      args: [40, 2, 'né'],
      kwargs: {},
    });
    await withWorker(async () => {
      const waited = await data.cellar(['result', id, '--wait']);
      expect(waited).toMatchObject({ code: 0, stderr: '' });
      expect(waited.stdout).toMatch(/^state +SUCCESS$/m);
      expect(waited.stdout).toMatch(/^args +\(40, 2, "né"\)$/m);
      expect(waited.stdout).toMatch(/^result +42$/m);
    });
  });

  it('waits for the result, positional arguments as they are', () =>
    withWorker(async () => {
      const { code, stdout } = await data.cellar(['send', 'kitchen.add', '[20, 1]', '--wait', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ state: 'SUCCESS', result: 21, args: [20, 1] });
      expect(code).toBe(0);
    }));

  it('takes a name as the contract or as the wire spells it', () =>
    withWorker(async () => {
      for (const name of ['orderId', 'order_id']) {
        const { stdout } = await data.cellar(['send', 'kitchen.order', `{"${name}": 7}`, '--wait', '--json']);
        expect(JSON.parse(stdout)).toMatchObject({ state: 'SUCCESS', result: 'order 7', args: [7] });
      }
    }));

  it('ends with 1 when the task fails, and shows its traceback without escapes', () =>
    withWorker(async () => {
      const { code, stdout, stderr } = await data.cellar(['send', 'kitchen.fail', '--wait']);
      expect(stdout).toMatch(/^state +FAILURE$/m);
      expect(stdout).toMatch(/^result +RangeError: the soup\\u001b\[31m is burnt$/m);
      expect(stdout).toMatch(/\n\nRangeError: the soup.*\n +at /);
      expect(stdout).not.toContain('\u001b');
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    }));

  it('ends with 1 when the time is over', async () => {
    const { code, stderr } = await data.cellar(['send', 'kitchen.add', '[1, 1]', '--wait', '--timeout', '0.2']);
    expect(stderr).toMatch(/^cellar: task \S+ is PENDING after 0\.2 s; it may still run\n$/);
    expect(code).toBe(1);
  });

  it('delays by a countdown, and shows when it is due', async () => {
    const { stdout } = await data.cellar(['send', 'kitchen.add', '[3, 3]', '--countdown', '500']);
    expect(stdout).toMatch(/^due +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/m);
    const task = await data.json(['result', sentId(stdout)]);
    expect(task).toMatchObject({ state: 'PENDING', place: 'delayed' });
    expect(task.dueAtMs - Date.now()).toBeGreaterThan(400_000);
  });

  it('delays to a time, in a message group', async () => {
    const eta = '2030-01-01T12:00:00+01:00';
    const { id } = await data.json(['send', 'kitchen.add', '[3, 4]', '--eta', eta, '--message-group', 'table 7']);
    expect(await data.json(['result', id])).toMatchObject({ dueAtMs: Date.parse(eta), messageGroup: 'table 7' });
  });

  it('reads the arguments from standard input', async () => {
    const { stdout } = await data.cellar(['send', 'kitchen.add', '-', '--json'], { stdin: '{"x": 5, "y": 6}' });
    expect(await data.json(['result', JSON.parse(stdout).id])).toMatchObject({ args: [5, 6] });
  });

  it('keeps integers beyond 2^53 as they are', async () => {
    const { stdout } = await data.cellar(['send', 'other.task', '[9007199254740993]', '--queue', 'kitchen', '--json']);
    const shown = await data.cellar(['result', JSON.parse(stdout).id]);
    expect(shown.stdout).toContain('(9007199254740993)');
  });

  it('sends a task that it does not know where a queue is named, and says so', async () => {
    const sent = await data.cellar(['send', 'kitchen.ad', '{"a": 1}', '--queue', 'kitchen', '--json']);
    expect(sent.stderr).toMatch(/does not know the task 'kitchen.ad', did you mean 'kitchen.add'; sent as it is\n$/);
    expect(await data.json(['result', JSON.parse(sent.stdout).id])).toMatchObject({
      task: 'kitchen.ad',
      kwargs: { a: 1 },
    });
  });

  it('refuses a known task whose queue the topology does not have', async () => {
    const { code, stderr } = await data.cellar(['send', 'cellar.elsewhere']);
    expect(stderr).toMatch(
      /^cellar: task cellar\.elsewhere goes to the queue pantry, which the topology does not declare, .*\n$/,
    );
    expect(code).toBe(2);
  });
});

describe('result', () => {
  it('of an id that nobody knows is PENDING', async () => {
    const { code, stdout } = await data.cellar(['result', 'nobody-knows']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'nobody-knows  PENDING: nothing is stored, and no queue has it\n',
    });
  });

  it('shows progress to a person who waits', async () => {
    const { code, stderr } = await data.cellar(['result', 'never', '--wait', '--timeout', '1.3'], { isTTY: true });
    expect(stderr).toContain('waiting for never: PENDING, 1 s');
    expect(code).toBe(1);
  });
});

describe('revoke', () => {
  it('drops a task that waits', async () => {
    const { id } = await data.json(['send', 'kitchen.add', '[8, 8]']);
    expect(await data.cellar(['revoke', id])).toMatchObject({ code: 0, stderr: '' });
    expect(await data.json(['result', id])).toMatchObject({ state: 'PENDING', revoked: true });
    await withWorker(async () => {
      const { code, stdout } = await data.cellar(['result', id, '--wait', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ state: 'REVOKED' });
      expect(code).toBe(1);
    });
    const again = await data.cellar(['revoke', id]);
    expect(again).toEqual({
      code: 1,
      stdout: '',
      stderr: `cellar: task ${id} is REVOKED already, nothing to revoke\n`,
    });
  });
});

describe('beat', () => {
  it('sends what is due until it is stopped', async () => {
    const beat = data.start(['beat'], { env: { CELLAR_LOG_LEVEL: 'error' } });
    await eventually(() => (beat.stdout().includes('ready: beat on embedded:, 2 schedules') ? true : undefined));
    const fired = await eventually(async () => {
      const tasks: readonly { readonly args: unknown }[] = await data.json([
        'inspect',
        'tasks',
        '--task',
        'kitchen.add',
      ]);
      return tasks.find(({ args }) => JSON.stringify(args) === '[1,1,"beat"]');
    });
    expect(fired).toMatchObject({ task: 'kitchen.add', state: 'PENDING' });
    const [schedule] = await data.json(['inspect', 'schedules']);
    expect(schedule).toMatchObject({ name: 'taste-often', words: 'every second', lastFiredMs: expect.any(Number) });
    beat.stop();
    expect(await beat.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('worker', () => {
  it('refuses an application without workers', async () => {
    const { code, stderr } = await data.cellar(['worker', '--app', `${FIXTURE}/sender-only.ts`]);
    expect(stderr).toMatch(/^cellar: the application has no workersFolder, .*\n$/);
    expect(code).toBe(2);
  });
});
