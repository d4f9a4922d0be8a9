/** What the calls make of a server that fails: the same for both implementations. */
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AwsCalls } from 'cellar/aws';
import { until } from '../../../support/running-shop.ts';
import { type FaultyAnswer, type FaultyServer, startFaultyServer } from './faulty-server.ts';
import { type HurriedRuntime, hurriedRuntime } from './hurried-runtime.ts';
import { IMPLEMENTATIONS, openCalls } from './implementations.ts';

/** As long as AWS's are. */
const SECRET = 'a-secret'.padEnd(40, '/+x');
const TOKEN = 'a-token'.padEnd(300, '/+y');
const QueueUrl = 'http://127.0.0.1/000000000000/queue';
const OK: FaultyAnswer = { status: 200, body: '{"Attributes":{"x":"1"}}' };
const throttled = (code: string): FaultyAnswer => ({ status: 400, body: `{"__type":"${code}","message":"later"}` });

let server: FaultyServer;
beforeAll(async () => {
  server = await startFaultyServer();
});
afterAll(() => server.stop());

describe.each(IMPLEMENTATIONS)('AWS by %s', (implementation) => {
  let runtime: HurriedRuntime;
  let calls: AwsCalls;
  beforeEach(() => {
    runtime = hurriedRuntime();
    calls = openCalls(implementation, server.endpoint, { runtime });
  });
  afterEach(() => calls.close());
  const ask = (signal?: AbortSignal) =>
    calls.call('sqs:GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }, signal === undefined ? {} : { signal });

  it.each<[string, FaultyAnswer]>([
    ['a fault on the other side', { status: 500 }],
    ['an answer of a proxy', { status: 502, body: '<html><body>Bad Gateway<br></body></html>' }],
    ['throttling by status', { status: 429 }],
    ['throttling', throttled('ThrottlingException')],
    ['throttling in a name space', throttled('com.amazon.coral.service#RequestThrottled')],
    ['a connection that breaks', 'break'],
    ['an answer that is cut off', 'half'],
    ['garbage', { status: 200, body: 'it works!' }],
  ])('tries again after %s, and succeeds', async (_name, fault) => {
    server.answers(fault, fault, OK);
    expect(await ask()).toEqual({ Attributes: { x: '1' } });
    expect(server.asked).toHaveLength(3);
  });

  it.each<[string, FaultyAnswer, object]>([
    ['no words', { status: 503, body: '' }, { awsCode: 'Http503', status: 503 }],
    ['words of a proxy', { status: 502, body: '<p>no<br></p>' }, { awsCode: 'Http502', status: 502 }],
    ['a code', { status: 500, body: '{"__type":"InternalFailure"}' }, { awsCode: 'InternalFailure', status: 500 }],
    ['throttling', throttled('x#ThrottlingException'), { awsCode: 'ThrottlingException', status: 400 }],
    ['a broken connection', 'break', { awsCode: 'NetworkError', status: undefined }],
    ['garbage', { status: 200, body: '{"Attr' }, { awsCode: 'NetworkError', status: undefined }],
  ])('gives up after three tries: %s', async (_name, fault, expected) => {
    server.answers(fault);
    await expect(ask()).rejects.toMatchObject({ name: 'AwsCallError', isPassing: true, ...expected });
    expect(server.asked).toHaveLength(3);
  });

  it.each<[string, FaultyAnswer, object]>([
    ['a refusal', throttled('com.amazonaws.sqs#InvalidAddress'), { awsCode: 'InvalidAddress', status: 400 }],
    ['a refusal with an address', throttled('X:http://internal.amazon.com/coral/'), { awsCode: 'X', status: 400 }],
    ['a refusal without words', { status: 403, body: 'Forbidden' }, { awsCode: 'Http403', status: 403 }],
    ['another place', { status: 301, headers: { location: '/elsewhere' } }, { awsCode: 'Http301', status: 301 }],
  ])('does not try again after %s', async (_name, fault, expected) => {
    server.answers(fault, OK);
    await expect(ask()).rejects.toMatchObject({ name: 'AwsCallError', isPassing: false, ...expected });
    expect(server.asked).toHaveLength(1);
  });

  it('reads the code of XML', async () => {
    const body =
      '<ErrorResponse xmlns="a>b"><Error><Type>Sender</Type><Code>Throttled</Code><Message>a &lt;b&gt;</Message></Error></ErrorResponse>';
    server.answers({ status: 400, body });
    const publish = calls.call('sns:PublishBatch', {
      TopicArn: 'arn:aws:sns:us-east-1:0:t',
      PublishBatchRequestEntries: [],
    });
    await expect(publish).rejects.toMatchObject({
      awsCode: 'Throttled',
      message: 'sns:PublishBatch: Throttled: a <b>',
    });
    expect(server.asked).toHaveLength(3);
  });

  it('waits between tries, longer each time, by chance', async () => {
    server.answers({ status: 500 });
    await expect(ask()).rejects.toThrow();
    expect(runtime.timers).toEqual([10_000, 100, 10_000, 200, 10_000]);
  });

  it('bounds each try, and says how long it waited', async () => {
    server.answers('never');
    await expect(ask()).rejects.toMatchObject({
      ...{ awsCode: 'NetworkError', message: 'sqs:GetQueueAttributes: NetworkError: no answer within 10000 ms' },
    });
    expect(server.asked).toHaveLength(3);
  });

  it('gives a long poll its time on top, and an object more', async () => {
    server.answers(OK);
    await calls.call('sqs:ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 20 });
    await calls.call('s3:GetObject', { Bucket: 'bucket', Key: 'key' });
    expect(runtime.timers).toEqual([30_000, 60_000]);
  });

  it('bounds a body that stops coming', async () => {
    const signal = AbortSignal.timeout(100);
    server.answers({ status: 200, headers: { 'content-length': '10' }, body: '{' });
    const slow = openCalls(implementation, server.endpoint);
    const get = slow.call('s3:GetObject', { Bucket: 'bucket', Key: 'key' }, { signal });
    await expect(get).rejects.toMatchObject({ name: 'AbortError' });
    slow.close();
  });

  it('ends at once when its signal fires, whatever it waits for', async () => {
    const slow = openCalls(implementation, server.endpoint);
    const end = async (answer: FaultyAnswer, signal: AbortSignal, abort: () => void) => {
      server.answers(answer);
      const ended = expect(
        slow.call('sqs:GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }, { signal }),
      ).rejects.toMatchObject({ name: 'AbortError' });
      await until(() => signal.aborted || server.asked.length > 0, 5_000);
      abort();
      const started = performance.now();
      await ended;
      expect(performance.now() - started).toBeLessThan(100);
    };
    for (const answer of ['never', { status: 500 }] as const) {
      const controller = new AbortController();
      await end(answer, controller.signal, () => controller.abort('enough'));
    }
    await end(OK, AbortSignal.abort(), () => undefined);
    expect(server.asked).toHaveLength(0);
    slow.close();
  });

  it('does not wait for long polls that wait', async () => {
    server.answers(...Array<FaultyAnswer>(60).fill('never'), OK);
    const controller = new AbortController();
    const slow = openCalls(implementation, server.endpoint);
    const polls = Array.from({ length: 60 }, () =>
      slow.call(
        'sqs:ReceiveMessage',
        { QueueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 20 },
        { signal: controller.signal },
      ),
    );
    const ended = Promise.allSettled(polls);
    await until(() => server.asked.length === 60, 5_000);
    expect(await slow.call('sqs:GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })).toHaveProperty(
      'Attributes',
    );
    controller.abort();
    for (const { status } of await ended) expect(status).toBe('rejected');
    slow.close();
  });

  it('says that nobody listens', async () => {
    const stopped = await startFaultyServer();
    await stopped.stop();
    const lonely = openCalls(implementation, stopped.endpoint, { runtime });
    const call = lonely.call('sqs:GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    await expect(call).rejects.toMatchObject({
      ...{ name: 'AwsCallError', awsCode: 'NetworkError', status: undefined, isPassing: true },
      message: expect.stringContaining('ECONNREFUSED'),
    });
    lonely.close();
  });

  it.each(['dynamodb:TransactWriteItems', 'scheduler:CreateSchedule', 'scheduler:DeleteSchedule'] as const)(
    'tries %s again under the token of the first try, and the next call under another',
    async (operation) => {
      const inputs = {
        'dynamodb:TransactWriteItems': { TransactItems: [{ Delete: { TableName: 'table', Key: { pk: { S: 'a' } } } }] },
        'scheduler:CreateSchedule': {
          ...{ Name: 'a', GroupName: 'g', ScheduleExpression: 'at(2099-11-25T18:00:00)' },
          ...{ FlexibleTimeWindow: { Mode: 'OFF' }, ActionAfterCompletion: 'DELETE' },
          Target: { Arn: 'arn:aws:sqs:us-east-1:0:q', RoleArn: 'arn:aws:iam::000000000000:role/r', Input: '{}' },
        },
        'scheduler:DeleteSchedule': { Name: 'a', GroupName: 'g' },
      } as const;
      server.answers({ status: 500 }, { status: 200 });
      await calls.call(operation, inputs[operation]);
      await calls.call(operation, inputs[operation]);
      const tokens = server.asked.map(({ url, body }) => /[tT]oken"?[:=]"?([0-9a-f-]{36})/.exec(url + body)?.[1]);
      expect(tokens).toEqual([expect.any(String), tokens[0], expect.any(String)]);
      expect(tokens[2]).not.toBe(tokens[0]);
    },
  );

  it('lets no secret and no signature into an error', async () => {
    const secrets = {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_SESSION_TOKEN: TOKEN,
    };
    const before = { ...process.env };
    Object.assign(process.env, secrets);
    const own = openCalls(implementation, server.endpoint, { environment: secrets });
    const echo = ({ headers }: { headers: object }) =>
      JSON.stringify({
        __type: 'InvalidSignatureException',
        message: `${SECRET} ${JSON.stringify(headers)}\nThe Canonical String should have been x-amz-security-token:${TOKEN}`,
      });
    try {
      server.answers({ status: 403, body: echo });
      const call = own.call('sqs:GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
      const error = await call.catch((thrown: unknown) => thrown);
      const asked = server.asked[0]?.headers;
      expect(asked?.['x-amz-security-token']).toBe(TOKEN);
      const signature = /Signature=([0-9a-f]{64})/.exec(asked?.authorization ?? '')?.[1] ?? 'no signature';
      const text = inspect(error, { depth: 20, showHidden: true });
      expect(text).toContain('InvalidSignatureException');
      for (const secret of [SECRET, TOKEN, signature]) expect(text).not.toContain(secret);
    } finally {
      own.close();
      for (const name of Object.keys(secrets)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });
});
