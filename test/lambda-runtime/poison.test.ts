/** A message that ends its function's process, under AWS's own runtime client: events as the event source mapping makes them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Cellar, loadSettings } from 'cellar';
import { bundle, writeBundle } from '../../shared/cellar/cdk/bundle.ts';
import {
  EMULATED_ACCOUNT,
  EMULATED_REGION,
  type Emulator,
  hasEmulator,
  startEmulator,
} from '../support/aws/emulator.ts';
import { hasLambdaRuntime, type LambdaProcess, startLambdaProcess } from '../support/aws/lambda-process.ts';
import { eat } from '../support/aws/poison/tasks.ts';
import { kitchenTopology, MAX_DELIVERIES } from '../support/aws/poison/topology.ts';

jest.setTimeout(120_000);

const FUNCTION = fileURLToPath(new URL('../support/aws/poison/function.ts', import.meta.url));
const AMPLE_MS = 60_000;
/** Nothing becomes visible by itself: the mapping below gives back what it must. */
const HIDDEN_SECONDS = 600;

const canRun = hasEmulator('ministack') && hasLambdaRuntime();

(canRun ? describe : describe.skip)('a message that ends its function', () => {
  let emulator: Emulator;
  let folder: string;
  let cellar: Cellar;
  let sqs: SQSClient;
  let environment: Readonly<Record<string, string>>;
  let lambda: LambdaProcess | undefined;

  beforeAll(async () => {
    emulator = await startEmulator('ministack');
    folder = await mkdtemp(join(tmpdir(), 'cellar-poison-'));
    writeBundle(bundle({ file: FUNCTION }), folder);
    const broker = `sqs://${EMULATED_REGION}/${EMULATED_ACCOUNT}/lethal`;
    const endpoint = { AWS_ENDPOINT_URL: emulator.endpoint };
    environment = { ...endpoint, CELLAR_BROKER_URL: broker, STARTS_FILE: join(folder, 'starts') };
    const settings = loadSettings({ ...endpoint, CELLAR_BROKER_URL: `${broker}?create=true` });
    cellar = await Cellar.open({ settings, topology: kitchenTopology });
    sqs = new SQSClient({ region: EMULATED_REGION, endpoint: emulator.endpoint });
  });
  afterAll(async () => {
    await lambda?.stop();
    sqs?.destroy();
    await cellar?.close();
    await rm(folder, { recursive: true });
    await emulator?.stop();
  });

  const queueUrl = () => `${emulator.endpoint}/${EMULATED_ACCOUNT}/lethal-kitchen.fifo`;

  async function receive(): Promise<readonly Message[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl(),
        MaxNumberOfMessages: 10,
        VisibilityTimeout: HIDDEN_SECONDS,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages;
  }

  /** One call: a process that is dead is started first, as Lambda does. Answers whether it lives on. */
  async function call(messages: readonly Message[]): Promise<boolean> {
    lambda ??= await startLambdaProcess(folder, environment);
    const outcome = await lambda.invoke({ Records: messages.map(recordOf) }, AMPLE_MS);
    if (outcome.kind === 'answered') {
      const { batchItemFailures } = outcome.value as { batchItemFailures: readonly { itemIdentifier: string }[] };
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { MessageId = '', ReceiptHandle } of messages) {
        if (!failed.has(MessageId)) await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl(), ReceiptHandle }));
      }
      return true;
    }
    expect(outcome).toEqual({ kind: 'failed', errorType: 'Runtime.ExitError', errorMessage: 'exit code 1' });
    await lambda.stop();
    lambda = undefined;
    // In its place the visibility timeout of the queue would pass. What the function took off the queue is not found.
    const Entries = messages.map(({ MessageId, ReceiptHandle }) => ({
      Id: MessageId,
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl(), Entries }));
    return false;
  }

  it('is run alone from the next call on, and dies with its reason; its neighbours are done', async () => {
    const near = ['a1', 'b1', 'b2', 'c1', 'c2', 'c3'];
    for (const name of ['exits', 'behind', ...near]) {
      const messageGroup = near.includes(name) ? name.slice(0, 1) : 'P';
      await cellar.send(eat({ name }), { taskId: name, messageGroup });
    }
    const starts = async () => (await readFile(environment['STARTS_FILE'] ?? '', 'utf8')).trim().split('\n');
    const deaths: (readonly string[])[] = [];
    for (let messages = await receive(); messages.length > 0; messages = await receive()) {
      if (!(await call(messages))) deaths.push(await starts());
    }

    // The first start is not counted: nothing told it from an innocent delivery.
    expect(deaths).toHaveLength(1 + MAX_DELIVERIES);
    expect(deaths.slice(0, 2)).toEqual([['exits'], ['exits', 'exits']]);
    // Any of the second call may have been it; in the third it is known, and runs after all others.
    expect(deaths[2]?.slice(2).toSorted()).toEqual([...near, 'exits']);
    expect(deaths[2]?.at(-1)).toBe('exits');
    expect(deaths[3]?.slice(deaths[2]?.length)).toEqual(['exits']);
    expect((await starts()).slice(deaths[3]?.length)).toEqual(['behind']);

    const dead = await cellar.backend.admin.peek('kitchen', { place: 'dead', limit: 10 });
    const reason = `delivered ${MAX_DELIVERIES} times without an outcome, allowed: ${MAX_DELIVERIES}`;
    expect(dead).toMatchObject([{ messageGroup: 'P', reason: `failed: WorkerLostError: ${reason}` }]);
    expect(await cellar.result('exits').state()).toBe('FAILURE');
    for (const name of [...near, 'behind']) expect(await cellar.result(name).state()).toBe('SUCCESS');
  });
});

/** As the event source mapping hands it over; only what the function reads. */
function recordOf({ MessageId, ReceiptHandle, Body, Attributes }: Message): object {
  const eventSourceARN = `arn:aws:sqs:${EMULATED_REGION}:${EMULATED_ACCOUNT}:lethal-kitchen.fifo`;
  const attributes = Attributes ?? {};
  return { messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes, eventSourceARN };
}
