/** `cellar worker --broker sqs://…` and its neighbours on an emulator where nothing was deployed. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  EMULATED_ACCOUNT,
  EMULATED_REGION,
  type Emulator,
  hasEmulator,
  startEmulator,
} from '../../support/aws/emulator.ts';
import { eventually, runHere, type Started, startHere } from './run-cli-here.ts';

const BROKER = `sqs://${EMULATED_REGION}/${EMULATED_ACCOUNT}/kitchen?create=true`;

const describeHere = hasEmulator('ministack') ? describe : describe.skip;

describeHere('the commands on AWS', () => {
  let emulator: Emulator;
  let worker: Started;
  const env = () => ({ AWS_ENDPOINT_URL: emulator.endpoint, CELLAR_BROKER_URL: BROKER, CELLAR_LOG_LEVEL: 'error' });

  async function json(...argv: readonly string[]) {
    const { stdout, stderr } = await runHere([...argv, '--json'], { env: env() });
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  }

  beforeAll(async () => {
    emulator = await startEmulator('ministack');
    const withoutUrl = { AWS_ENDPOINT_URL: emulator.endpoint, CELLAR_LOG_LEVEL: 'error' };
    worker = startHere(['worker', '--broker', BROKER], { env: withoutUrl });
    await eventually(() => (worker.stdout().startsWith('ready: ') ? true : undefined));
  });

  afterAll(async () => {
    worker?.stop();
    expect(await worker?.ended).toMatchObject({ code: 0 });
    await emulator?.stop();
  });

  it('a task is sent, run and answered', async () => {
    const task = await json('send', 'kitchen.add', '[1,2]', '--wait');
    expect(task).toMatchObject({ state: 'SUCCESS', result: 3 });
  });

  it('a countdown is kept, not early and hardly late', async () => {
    const before = Date.now();
    const { id } = await json('send', 'kitchen.add', '[3,4]', '--countdown', '3');
    const { doneAtMs, result } = await eventually(async () => {
      const task = await json('result', id);
      return task.state === 'SUCCESS' ? task : undefined;
    });
    expect(result).toBe(7);
    expect(doneAtMs - before).toBeGreaterThanOrEqual(3_000);
    expect(doneAtMs - before).toBeLessThan(5_500);
  });

  it('a task that waits for long is revoked at once', async () => {
    const { id } = await json('send', 'kitchen.add', '[5,6]', '--countdown', '1200');
    await json('revoke', id);
    expect(await json('result', id)).toMatchObject({ state: 'REVOKED' });
  });

  it('what this broker cannot show is said', async () => {
    const tasks = await runHere(['inspect', 'tasks'], { env: env() });
    expect(tasks.stderr).toMatch(/tasks that wait in their queues are not listed/);
    const queues = await runHere(['inspect', 'queues'], { env: env() });
    expect(queues.stderr).toMatch(/counts lag by some seconds/);
  });

  it('a poison message dies with its reason and comes back by a redrive', async () => {
    const failed = await runHere(['send', 'kitchen.fail', '--wait', '--json'], { env: env() });
    expect(JSON.parse(failed.stdout)).toMatchObject({ state: 'FAILURE' });
    const dead = async () => (await json('inspect', 'queues'))[0]?.dead;
    await eventually(async () => ((await dead()) === 1 ? true : undefined));
    expect(await json('redrive', 'kitchen')).toMatchObject({ redriven: 1 });
    await eventually(async () => ((await dead()) === 1 ? true : undefined));
  });
});
