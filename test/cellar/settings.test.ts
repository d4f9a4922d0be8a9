import { describe, expect, it } from '@jest/globals';
import { loadSettings } from '../../shared/cellar/settings.ts';
import { caught } from './routing/caught.ts';

function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  const error = caught(() => loadSettings(environment));
  expect(error.code).toBe('bad-settings');
  return error.problems;
}

describe('loadSettings', () => {
  it('answers the defaults for an empty environment, frozen', () => {
    const settings = loadSettings({ PATH: '/bin', CELLAR_BROKER_URL: '' });
    expect(settings).toEqual({
      brokerUrl: 'embedded:',
      resultBackend: undefined,
      dataDir: '.cellar',
      taskDefaultQueue: 'celery',
      resultExpiresSeconds: 86_400,
      workerConcurrency: 8,
      workerPrefetchMultiplier: 4,
      workerPool: 'async',
      workerMaxTasksPerChild: undefined,
      workerMaxMemoryPerChildKib: undefined,
      workerSoftShutdownTimeoutSeconds: 0,
      taskTimeLimitSeconds: undefined,
      taskSoftTimeLimitSeconds: undefined,
      taskIgnoreResult: false,
      taskTrackStarted: false,
      taskMaxHops: 1000,
      taskSendSentEvent: false,
      workerSendTaskEvents: false,
      rabbitmqConsumerTimeoutSeconds: 1_800,
      dashboardPort: 15_672,
      timeZone: 'UTC',
      logLevel: 'info',
      durability: 'process',
      shutdownTimeoutSeconds: 5,
      allowAws: false,
      awsEndpointUrl: undefined,
      warnings: [],
    });
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.warnings)).toBe(true);
  });

  it('reads every variable', () => {
    const settings = loadSettings({
      CELLAR_BROKER_URL: 'amqp://guest:secret@localhost:5672//',
      CELLAR_RESULT_BACKEND: 'redis://:secret@localhost/0',
      CELLAR_DATA_DIR: '/var/lib/cellar',
      CELLAR_TASK_DEFAULT_QUEUE: 'default',
      CELLAR_RESULT_EXPIRES: '60',
      CELLAR_WORKER_CONCURRENCY: '2',
      CELLAR_WORKER_PREFETCH_MULTIPLIER: '1',
      CELLAR_WORKER_POOL: 'threads',
      CELLAR_WORKER_MAX_TASKS_PER_CHILD: '100',
      CELLAR_WORKER_MAX_MEMORY_PER_CHILD: '200000',
      CELLAR_WORKER_SOFT_SHUTDOWN_TIMEOUT: '2.5',
      CELLAR_TASK_TIME_LIMIT: '30',
      CELLAR_TASK_SOFT_TIME_LIMIT: '29.5',
      CELLAR_TASK_IGNORE_RESULT: 'yes',
      CELLAR_TASK_TRACK_STARTED: 'True',
      CELLAR_TASK_MAX_HOPS: '50',
      CELLAR_TASK_SEND_SENT_EVENT: 'true',
      CELLAR_WORKER_SEND_TASK_EVENTS: 'true',
      CELLAR_RABBITMQ_CONSUMER_TIMEOUT: '60',
      CELLAR_DASHBOARD_PORT: '0',
      CELLAR_TIMEZONE: 'Europe/Zurich',
      CELLAR_LOG_LEVEL: 'debug',
      CELLAR_DURABILITY: 'power',
      CELLAR_SHUTDOWN_TIMEOUT: '0',
      CELLAR_ALLOW_AWS: 'true',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    });
    expect(settings).toEqual({
      brokerUrl: 'amqp://guest:secret@localhost:5672//',
      resultBackend: 'redis://:secret@localhost/0',
      dataDir: '/var/lib/cellar',
      taskDefaultQueue: 'default',
      resultExpiresSeconds: 60,
      workerConcurrency: 2,
      workerPrefetchMultiplier: 1,
      workerPool: 'threads',
      workerMaxTasksPerChild: 100,
      workerMaxMemoryPerChildKib: 200_000,
      workerSoftShutdownTimeoutSeconds: 2.5,
      taskTimeLimitSeconds: 30,
      taskSoftTimeLimitSeconds: 29.5,
      taskIgnoreResult: true,
      taskTrackStarted: true,
      taskMaxHops: 50,
      taskSendSentEvent: true,
      workerSendTaskEvents: true,
      rabbitmqConsumerTimeoutSeconds: 60,
      dashboardPort: 0,
      timeZone: 'Europe/Zurich',
      logLevel: 'debug',
      durability: 'power',
      shutdownTimeoutSeconds: 0,
      allowAws: true,
      awsEndpointUrl: 'http://127.0.0.1:4566',
      warnings: [],
    });
  });

  it('reads another namespace and nothing of its own', () => {
    const environment = { SHOP_LOG_LEVEL: 'warn', CELLAR_LOG_LEVEL: 'nonsense' };
    expect(loadSettings(environment, { namespace: 'SHOP' }).logLevel).toBe('warn');
  });

  it.each(['embedded:', 'embedded:/var/lib/x.db', 'memory:', 'sqs:', 'sqs://eu-central-1', 'amqps://h'])(
    'takes the broker URL %s',
    (url) => {
      expect(loadSettings({ CELLAR_BROKER_URL: url }).brokerUrl).toBe(url);
    },
  );

  it.each([
    ['WORKER_CONCURRENCY', '0', 'a whole number from 1'],
    ['WORKER_CONCURRENCY', '1.5', 'a whole number from 1'],
    ['WORKER_CONCURRENCY', '1e1', 'a whole number from 1'],
    ['RESULT_EXPIRES', '-1', 'a whole number from 1'],
    ['DASHBOARD_PORT', '65536', 'a whole number from 0 to 65535'],
    ['TASK_TIME_LIMIT', '0', 'seconds, more than 0'],
    ['SHUTDOWN_TIMEOUT', 'soon', 'seconds, 0 or more'],
    ['TASK_TRACK_STARTED', 'ja', 'true, 1, yes, on, false, 0, no, off'],
    ['LOG_LEVEL', 'verbose', 'debug, info, warn, error'],
    ['DURABILITY', 'disk', 'process, power'],
    ['TIMEZONE', '+01:00', 'an IANA time zone'],
    ['TASK_DEFAULT_QUEUE', 'a b', 'a queue name'],
  ])('refuses %s %s', (name, text, allowed) => {
    const [problem] = problemsOf({ [`CELLAR_${name}`]: text });
    expect(problem).toContain(`CELLAR_${name} is '${text}', allowed: ${allowed}`);
  });

  it('reports all faults at once', () => {
    const problems = problemsOf({
      CELLAR_LOG_LEVEL: 'loud',
      CELLAR_TASK_TIME_LIMIT: '10',
      CELLAR_TASK_SOFT_TIME_LIMIT: '11',
      CELLAR_BROKR_URL: 'memory:',
    });
    expect(problems).toEqual([
      "CELLAR_LOG_LEVEL is 'loud', allowed: debug, info, warn, error",
      'CELLAR_TASK_SOFT_TIME_LIMIT is 11, allowed: at most CELLAR_TASK_TIME_LIMIT, 10',
      'unknown setting CELLAR_BROKR_URL, did you mean CELLAR_BROKER_URL',
    ]);
  });

  it('warns of variables of the namespace that are near no setting', () => {
    expect(loadSettings({ CELLAR_FLAVOUR: 'red', CELLARS: '1' }).warnings).toEqual([
      'CELLAR_FLAVOUR is no setting and has no effect',
    ]);
  });

  it.each([
    'ampq://guest:hunter2@localhost//',
    'amqp://guest:hun/hunter2@localhost',
    'amqp:guest:hunter2@localhost',
    'http://localhost/?password=hunter2',
    'guest:hunter2@localhost',
    'amqp//guest:hunter2@localhost',
    'hunter2',
    'hunter2:x',
    'mysql://guest:hunter2',
    'http://hunter2#x',
    'amqp://guest:hunter2#x@localhost',
  ])('shows no secret of %s', (url) => {
    for (const name of ['CELLAR_BROKER_URL', 'CELLAR_RESULT_BACKEND']) {
      const error = caught(() => loadSettings({ [name]: url }));
      expect(error.message).toContain(name);
      expect(`${error.message}${error.problems.join()}${error.stack}`).not.toContain('hunter2');
    }
  });
});
