import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Duration, Stack } from 'aws-cdk-lib';
import { CellarError, every, type Schedule, task, topology, worker } from 'cellar';
import { DelayQueue, readApplication, TaskQueue, type WorkerSettings } from 'cellar/cdk';
import { planApplication } from '../../../shared/cellar/cdk/application.ts';
import type { TopologyDeclaration } from '../../../shared/cellar/topology.ts';
import { registryOf } from '../../../shared/cellar/worker/registry.ts';
import { appWithoutBundles } from './templates.ts';

const HERE = fileURLToPath(new URL('./', import.meta.url));

interface Asked {
  readonly timeLimitSeconds?: number;
  readonly concurrency?: number;
  readonly settings?: WorkerSettings;
  readonly declaration?: Partial<TopologyDeclaration>;
  readonly prefix?: string;
}

/** What synth says of an application with one queue and one task; nothing when it takes it. */
function problemsOf({
  timeLimitSeconds,
  concurrency,
  settings,
  declaration,
  prefix = 'shop',
}: Asked): readonly string[] {
  const options = timeLimitSeconds === undefined ? {} : { timeLimitSeconds };
  const contract = task('tests.work', { params: {}, queue: 'work', ...options });
  const works = worker({ queue: 'work', ...(concurrency === undefined ? {} : { concurrency }) });
  const registry = registryOf([{ handler: works.handle(contract, () => 1), source: 'work.ts' }]);
  const declared = topology({ queues: { work: {} }, ...declaration });
  const workers = settings === undefined ? {} : { workers: { work: settings } };
  return problemsIn(() =>
    planApplication({
      appModule: `${HERE}fixture/app.ts`,
      prefix,
      topology: declared,
      registry,
      files: new Map(),
      ...workers,
    }),
  );
}

function problemsIn(work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof CellarError && error.code === 'bad-topology') return error.problems;
    throw error;
  }
}

const scheduled = (schedule: Schedule, name = 'tick') => ({
  schedules: { [name]: { schedule, task: task('tests.work', { params: {}, queue: 'work' })() } },
});

describe('synth', () => {
  it('takes an application that AWS can hold', () => {
    expect(problemsOf({ timeLimitSeconds: 890 })).toEqual([]);
    expect(problemsOf({ settings: { timeoutSeconds: 60, batchSize: 5, maxConcurrency: 2 } })).toEqual([]);
    expect(problemsOf({ settings: { strictOrder: true, maxConcurrency: 1 }, concurrency: 1 })).toEqual([]);
    expect(problemsOf({ declaration: scheduled(every('30s')) })).toEqual([]);
  });

  it.each<[string, Asked, string]>([
    [
      'a time limit above what Lambda runs',
      { timeLimitSeconds: 1_000 },
      'task tests.work: its time limit is 1000 s, allowed on Lambda: 900 s',
    ],
    [
      "a time limit that its function's timeout cannot hold",
      { timeLimitSeconds: 60, settings: { timeoutSeconds: 60 } },
      "queue 'work': the timeout of its function, 60 s, cannot hold the time limit of tests.work, 60 s, allowed: a limit of at most 55 s",
    ],
    [
      'a time limit that leaves the longest function no time to settle',
      { timeLimitSeconds: 899 },
      "queue 'work': the timeout of its function, 900 s, cannot hold the time limit of tests.work, 899 s, allowed: a limit of at most 895 s",
    ],
    [
      "a batch that its function's timeout cannot hold",
      { timeLimitSeconds: 20, settings: { timeoutSeconds: 60, batchSize: 10 } },
      "queue 'work': the timeout of its function, 60 s, cannot hold a batch of 10 with a time limit of 20 s each, allowed: at least 205 s, or a batchSize of 1",
    ],
    [
      "a function's timeout that the queue's visibility cannot hold",
      { timeLimitSeconds: 50, declaration: { queues: { work: { visibilityTimeoutSeconds: 60 } } } },
      "queue 'work': its visibility timeout, 60 s, cannot hold its function's timeout, 505 s, allowed: at least 3030 s",
    ],
    [
      'a batch of more than ten',
      { settings: { batchSize: 11 } },
      "queue 'work': batchSize is 11, allowed: a whole number from 1 to 10",
    ],
    [
      'fewer calls side by side than Lambda can bound',
      { settings: { maxConcurrency: 1 } },
      "queue 'work': maxConcurrency is 1, allowed: a whole number from 2 to 1000",
    ],
    [
      'a queue that takes less than what bodies may weigh before they travel otherwise',
      { settings: { maxMessageBytes: 262_144 } },
      "queue 'work': bodies travel by the payloads bucket from 1048576 bytes on, over the queue's own maxMessageBytes of 262144, allowed: 1048576",
    ],
    [
      'strict order with several calls',
      { settings: { strictOrder: true, maxConcurrency: 5 } },
      "queue 'work': strictOrder and maxConcurrency 5 contradict each other, allowed: 1",
    ],
    [
      'strict order with several tasks in a call',
      { settings: { strictOrder: true }, concurrency: 4 },
      "queue 'work': strictOrder and its worker's concurrency 4 contradict each other, allowed: 1",
    ],
    [
      'a schedule that AWS cannot express',
      { declaration: scheduled(every(0.5)) },
      "schedule 'tick': the period is 500 ms, allowed on AWS: whole seconds",
    ],
    [
      'a name of a schedule that AWS does not take',
      { declaration: scheduled(every('1m'), 'each minute') },
      "schedule 'each minute': its name, allowed on AWS: 1 to 64 of A-Z a-z 0-9 - _ .",
    ],
    [
      'a prefix that no bucket can begin with',
      { prefix: 'Shop_Dev' },
      "the prefix is 'Shop_Dev', allowed: a lower-case letter, then at most 23 of a-z 0-9 -",
    ],
  ])('refuses %s', (_, asked, sentence) => {
    expect(problemsOf(asked)).toContain(sentence);
  });

  it('refuses a name over what SQS takes', () => {
    const long = 'w'.repeat(70);
    const problems = problemsOf({ declaration: { queues: { work: {}, [long]: {} } } });
    expect(problems.join('\n')).toMatch(
      /dead-letter queue, shop-w+-dead\.fifo, has 85 characters, allowed: 80 \(SQS\)/,
    );
  });

  it.each<[string, Partial<TopologyDeclaration>, RegExp]>([
    [
      'a filter policy over five keys',
      {
        exchanges: { events: { type: 'topic' } },
        bindings: [{ exchange: 'events', queue: 'work', key: 'a.*.b.*.c.*.d.*.e.*.f' }],
      },
      /7 keys \(.*\) in a filter policy, allowed: 5/,
    ],
    [
      'a filter policy over 150 combinations',
      {
        exchanges: { events: { type: 'direct' } },
        bindings: Array.from({ length: 151 }, (_, key) => ({ exchange: 'events', queue: 'work', key: `key${key}` })),
      },
      /151 combinations of values in a filter policy, allowed: 150/,
    ],
    [
      'a subscription whose messages need more than ten attributes',
      {
        exchanges: { events: { type: 'topic' } },
        bindings: ['a.*.b.*.#', '*.c.*.d.#', '#.e.*.f.*', '#.g.*.h.*.*', '*.*.*.*.i.#', '*.*.*.*.*.j.#'].map((key) => ({
          exchange: 'events',
          queue: 'work',
          key,
        })),
      },
      /its bindings test 1\d attributes \(.*\), allowed: 10/,
    ],
    [
      'a binding that no policy can say',
      {
        exchanges: { events: { type: 'direct', alternate: 'rest' }, rest: { type: 'fanout' } },
        bindings: [{ exchange: 'events', queue: 'work', key: 'a' }],
      },
      /has the alternate 'rest', and no filter policy can say 'what none matched'/,
    ],
  ])('refuses %s, and says what helps', (_, declaration, sentence) => {
    const problem = problemsOf({ declaration }).find((candidate) => sentence.test(candidate));
    expect(problem).toContain("via: 'publisher'");
  });

  it('tells all problems at once', () => {
    const problems = problemsOf({
      timeLimitSeconds: 1_000,
      settings: { batchSize: 11, strictOrder: true, maxConcurrency: 9 },
      declaration: {
        ...scheduled(every(0.5)),
        exchanges: { events: { type: 'topic' } },
        bindings: [{ exchange: 'events', queue: 'work', key: 'a.*.b.*.c.*.d.*.e.*.f' }],
      },
    });
    expect(problems.length).toBeGreaterThanOrEqual(5);
  });

  it('refuses a schedule group without a role with which its schedules could send', () => {
    const stack = new Stack(appWithoutBundles(), 'Test');
    expect(problemsIn(() => new DelayQueue(stack, 'Delays', { prefix: 'shop', schedulerRole: false }))).toEqual([
      'the schedule group shop has no role with which its schedules could send, allowed: schedulerRole, or no scheduleGroup',
    ]);
  });

  it('refuses a FIFO queue with a standard dead-letter queue', () => {
    const stack = new Stack(appWithoutBundles(), 'Test');
    const names = { queueName: 'mail.fifo', deadLetterQueueName: 'mail-dead' };
    expect(
      problemsIn(() => new TaskQueue(stack, 'Mail', { ...names, visibilityTimeout: Duration.seconds(30) })),
    ).toEqual([
      'the queue mail.fifo has the dead-letter queue mail-dead, allowed: two FIFO queues, whose names end with .fifo (SQS)',
    ]);
  });
});

/** The folders of an application, each with a worker of a queue and perhaps a task. */
interface Folder {
  readonly workerOf: string;
  readonly tasks: readonly string[];
}

async function folderProblems(
  queues: readonly string[],
  folders: Readonly<Record<string, Folder>>,
): Promise<readonly string[]> {
  const root = mkdtempSync(join(HERE, 'made-'));
  try {
    const declared = JSON.stringify(Object.fromEntries(queues.map((queue) => [queue, {}])));
    writeFileSync(
      join(root, 'app.ts'),
      `import { defineApp, topology } from 'cellar';
       export const app = defineApp({ topology: topology({ queues: ${declared} }), workersFolder: new URL('./workers/', import.meta.url).href });`,
    );
    mkdirSync(join(root, 'workers'));
    for (const [name, { workerOf, tasks }] of Object.entries(folders)) {
      const folder = join(root, 'workers', name);
      mkdirSync(folder);
      writeFileSync(
        join(folder, 'worker.ts'),
        `import { worker } from 'cellar'; export const it = worker({ queue: '${workerOf}' });`,
      );
      for (const each of tasks) {
        writeFileSync(
          join(folder, `${each}.ts`),
          `import { task } from 'cellar'; import { it } from './worker.ts';
           export default it.handle(task('tests.${each}', { params: {}, queue: '${workerOf}' }), () => 1);`,
        );
      }
    }
    await readApplication({ appModule: join(root, 'app.ts'), prefix: 'shop' });
    return [];
  } catch (error) {
    if (error instanceof CellarError) return error.problems;
    throw error;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

describe('readApplication', () => {
  it('refuses a queue without handler', async () => {
    const problems = await folderProblems(['mail', 'idle'], { mail: { workerOf: 'mail', tasks: ['send'] } });
    expect(problems).toEqual([expect.stringMatching(/^queue idle is declared but has no folder .*idle$/)]);
  });

  it('refuses a handler without queue', async () => {
    const problems = await folderProblems(['mail'], {
      mail: { workerOf: 'mail', tasks: ['send'] },
      letters: { workerOf: 'letters', tasks: ['post'] },
    });
    expect(problems).toEqual([expect.stringMatching(/letters has no queue letters in the topology/)]);
  });

  it('refuses two folders that claim one queue', async () => {
    const problems = await folderProblems(['mail', 'post'], {
      mail: { workerOf: 'mail', tasks: ['send'] },
      post: { workerOf: 'mail', tasks: ['post'] },
    });
    expect(problems).toEqual([
      expect.stringMatching(/post.worker\.ts must export the worker of the queue post, got mail$/),
    ]);
  });

  it('refuses a module that exports no app', async () => {
    const notAnApp = new URL('./fixture/declared.ts', import.meta.url).href;
    await expect(readApplication({ appModule: notAnApp, prefix: 'shop' })).rejects.toThrow(
      'fixture/declared.ts exports no app, allowed: export const app = defineApp({ topology, … })',
    );
  });
});
