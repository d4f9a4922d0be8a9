import { describe, expect, it } from '@jest/globals';
import { AwsCallError, type SqsMessage } from '../../../../shared/cellar/aws/calls.ts';
import { messageText } from '../../../../shared/cellar/brokers/aws/message-text.ts';
import { systemRuntime } from '../../../../shared/cellar/clock.ts';
import { message, texts } from '../../../conformance/deliveries.ts';
import { until } from '../../../support/running-shop.ts';
import { brokerRig } from './broker-rig.ts';

function received(text: string, group = text): SqsMessage {
  return {
    MessageId: `id of ${text}`,
    ReceiptHandle: `receipt of ${text}`,
    Body: messageText(message('mail', text), {}).text,
    Attributes: { MessageGroupId: group, ApproximateReceiveCount: '1', SentTimestamp: '1000' },
  };
}

const many = (count: number, group?: string): readonly SqsMessage[] =>
  Array.from({ length: count }, (_, index) => received(`m${index}`, group));

/** Answers each poll when the test says so. */
function gatedPolls() {
  const open: ((messages: readonly SqsMessage[]) => void)[] = [];
  return {
    open,
    answer: () =>
      new Promise<{ readonly Messages: readonly SqsMessage[] }>((resolve) =>
        open.push((Messages) => resolve({ Messages })),
      ),
  };
}

const WAIT = { maxMessages: 1, waitMs: 20_000 };

describe('receiving on AWS', () => {
  it('ten calls share one long poll', async () => {
    const polls = gatedPolls();
    const { calls, broker } = await brokerRig({ 'sqs:ReceiveMessage': polls.answer });
    const all = Array.from({ length: 10 }, () => broker.receive('mail', WAIT));
    await until(() => polls.open.length === 1, 1_000);
    polls.open[0]?.(many(1));
    expect(texts(await Promise.race(all))).toEqual(['m0']);
    await until(() => polls.open.length === 2, 1_000);
    polls.open[1]?.(many(9));
    expect((await Promise.all(all)).flatMap(texts)).toHaveLength(10);
    const [first, second] = calls.inputsOf('sqs:ReceiveMessage');
    expect(first).toMatchObject({ MaxNumberOfMessages: 1, WaitTimeSeconds: 20, VisibilityTimeout: 30 });
    expect(second).toMatchObject({ MaxNumberOfMessages: 9 });
    expect(calls.inputsOf('sqs:ChangeMessageVisibilityBatch')).toEqual([]);
    await broker.close();
  });

  it('while answers are full, as many polls go side by side as the calls can take, and no more', async () => {
    const polls = gatedPolls();
    const { calls, broker } = await brokerRig({ 'sqs:ReceiveMessage': polls.answer });
    const one = broker.receive('mail', { ...WAIT, maxMessages: 10 });
    polls.open[0]?.(many(10));
    await one;
    const next = broker.receive('mail', { ...WAIT, maxMessages: 35 });
    await until(() => polls.open.length === 4, 1_000);
    for (const open of polls.open.slice(1)) open(many(10));
    expect(await next).toHaveLength(30);
    const asked = calls.inputsOf('sqs:ReceiveMessage').slice(1);
    expect(asked.map(({ MaxNumberOfMessages, WaitTimeSeconds }) => [MaxNumberOfMessages, WaitTimeSeconds])).toEqual([
      [10, 0],
      [10, 0],
      [10, 0],
    ]);
    await broker.close();
  });

  it('what arrives after the call was aborted is given back at once', async () => {
    const polls = gatedPolls();
    const { calls, broker } = await brokerRig({ 'sqs:ReceiveMessage': polls.answer });
    const stop = new AbortController();
    const call = broker.receive('mail', { ...WAIT, signal: stop.signal });
    stop.abort();
    expect(await call).toEqual([]);
    polls.open[0]?.(many(1));
    const [given] = await until(() => {
      const inputs = calls.inputsOf('sqs:ChangeMessageVisibilityBatch');
      return inputs.length > 0 && inputs;
    }, 1_000);
    expect(given?.Entries).toMatchObject([{ ReceiptHandle: 'receipt of m0', VisibilityTimeout: 0 }]);
  });

  it('what arrives after the call was aborted goes to the next call, if there is one', async () => {
    const polls = gatedPolls();
    const { calls, broker } = await brokerRig({ 'sqs:ReceiveMessage': polls.answer });
    const stop = new AbortController();
    const call = broker.receive('mail', { ...WAIT, signal: stop.signal });
    stop.abort();
    await call;
    const next = broker.receive('mail', WAIT);
    polls.open[0]?.(many(1));
    expect(texts(await next)).toEqual(['m0']);
    expect(calls.inputsOf('sqs:ReceiveMessage')).toHaveLength(1);
  });

  it('all messages of a group go to one call, and what it cannot take goes back', async () => {
    const polls = gatedPolls();
    const { calls, broker } = await brokerRig({ 'sqs:ReceiveMessage': polls.answer });
    const seed = broker.receive('mail', WAIT);
    const both = [
      broker.receive('mail', { ...WAIT, maxMessages: 2 }),
      broker.receive('mail', { ...WAIT, maxMessages: 2 }),
    ];
    polls.open[0]?.(many(1));
    await seed;
    await until(() => polls.open.length === 2, 1_000);
    polls.open[1]?.([received('a0', 'A'), received('a1', 'A'), received('a2', 'A'), received('b0', 'B')]);
    expect((await Promise.all(both)).map(texts)).toEqual([['a0', 'a1'], ['b0']]);
    await until(() => calls.inputsOf('sqs:ChangeMessageVisibilityBatch').length > 0, 1_000);
    const given = calls.inputsOf('sqs:ChangeMessageVisibilityBatch').flatMap(({ Entries }) => Entries);
    expect(given).toMatchObject([{ ReceiptHandle: 'receipt of a2', VisibilityTimeout: 0 }]);
    await broker.close();
  });

  it('a call that does not wait asks once and is answered', async () => {
    const { calls, broker } = await brokerRig({ 'sqs:ReceiveMessage': () => ({ Messages: many(3) }) });
    expect(texts(await broker.receive('mail', { maxMessages: 25, waitMs: 0 }))).toEqual(['m0', 'm1', 'm2']);
    expect(calls.inputsOf('sqs:ReceiveMessage')).toMatchObject([{ MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }]);
  });

  it('tells from the envelope how a message came, and the group that was asked for', async () => {
    const carriage = { exchange: 'events', routingKey: 'order.paid.fr', bodyKey: 'k', messageGroup: 'Château' };
    const sent = { ...received('a', 'hash'), Body: messageText(message('mail', 'a'), carriage).text };
    const { broker } = await brokerRig({ 'sqs:ReceiveMessage': () => ({ Messages: [sent] }) });
    const before = systemRuntime.clock.now();
    const [delivery] = await broker.receive('mail', { maxMessages: 1, waitMs: 0 });
    expect(delivery).toMatchObject({ ...carriage, messageId: 'id of a', deliveryCount: 1, enqueuedAtMs: 1000 });
    expect(delivery?.visibleAtMs).toBeGreaterThanOrEqual(before + 30_000);
  });

  it.each([
    ['within the visibility timeout of 30 s: was given back', 10_000, true],
    ['after it: its process may have died', 31_000, false],
    ['at a time that is not told', undefined, false],
  ])('a message that was received first %s', async (_when, agoMs, wasGivenBack) => {
    const sent = received('a');
    const first = agoMs === undefined ? {} : { ApproximateFirstReceiveTimestamp: `${Date.now() - agoMs}` };
    const again = { ...sent, Attributes: { ...sent.Attributes, ...first, ApproximateReceiveCount: '2' } };
    const { broker } = await brokerRig({ 'sqs:ReceiveMessage': () => ({ Messages: [again] }) });
    const [delivery] = await broker.receive('mail', { maxMessages: 1, waitMs: 0 });
    expect(delivery).toMatchObject({ deliveryCount: 2, wasGivenBack });
  });

  it.each([
    ['QueueDoesNotExist', 'unknown-queue'],
    ['ServiceUnavailable', 'broker-unavailable'],
  ])('a fault of AWS is told by its code: %s', async (awsCode, code) => {
    const { broker } = await brokerRig({
      'sqs:ReceiveMessage': () => {
        throw new AwsCallError('sqs:ReceiveMessage', { awsCode, message: 'no', status: 400 });
      },
    });
    await expect(broker.receive('mail', WAIT)).rejects.toMatchObject({ code });
    await expect(broker.receive('mail', { maxMessages: 1, waitMs: 0 })).rejects.toMatchObject({ code });
  });

  it('closing cuts polls off and ends calls with nothing', async () => {
    const { broker } = await brokerRig({
      'sqs:ReceiveMessage': (_input, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    });
    const call = broker.receive('mail', WAIT);
    await broker.close();
    expect(await call).toEqual([]);
  });
});
