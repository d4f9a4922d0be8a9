/** The meter, against AWS's own examples of what is billed. */
import { describe, expect, it } from '@jest/globals';
import type { AwsCalls, AwsOperation } from 'cellar/aws';
import { itemBytes, messageBytes } from '../../../support/aws/meter/payload-bytes.ts';
import { billingMeter, IDLE_POLLERS, lambdaPolling } from '../../../support/aws/meter.ts';

const FIFO = 'http://127.0.0.1/000000000000/queue.fifo';
const STANDARD = 'http://127.0.0.1/000000000000/delay';
const KB = 1024;

/** Calls whose answers the test gives; an operation without one fails. */
function answering(answers: Partial<Record<AwsOperation, object>>): AwsCalls {
  return {
    async call(operation) {
      const answer = answers[operation];
      if (answer === undefined) throw new Error(`no answer to ${operation}`);
      return answer as never;
    },
    close: () => undefined,
  };
}

const batch = (size: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ Id: `${index}`, MessageBody: 'x'.repeat(size) }));

describe('the billing meter', () => {
  it.each([
    [1, 10, 1],
    [6_553, 10, 1],
    [6_554, 10, 2],
    [64 * KB, 1, 1],
    [64 * KB + 1, 1, 2],
    [100 * KB, 10, 16],
  ])('bills a batch by 64 KB of all its payload: %i bytes × %i = %i requests', async (size, count, requests) => {
    const meter = billingMeter(answering({ 'sqs:SendMessageBatch': {} }));
    await meter.calls.call('sqs:SendMessageBatch', { QueueUrl: FIFO, Entries: batch(size, count) });
    expect(meter.counts()).toMatchObject({ sqsFifo: requests, sqsStandard: 0 });
    expect(meter.sqsRequests()).toBe(requests);
  });

  it('bills a receive by what came, an empty one as one, a delete as one', async () => {
    const Messages = [{ MessageId: 'a', ReceiptHandle: 'a', Body: 'x'.repeat(65 * KB) }];
    const answers = { 'sqs:ReceiveMessage': { Messages }, 'sqs:DeleteMessageBatch': {} };
    const meter = billingMeter(answering(answers));
    await meter.calls.call('sqs:ReceiveMessage', { QueueUrl: STANDARD, MaxNumberOfMessages: 10 });
    await meter.calls.call('sqs:DeleteMessageBatch', { QueueUrl: STANDARD, Entries: [] });
    expect(meter.counts()).toMatchObject({ sqsFifo: 0, sqsStandard: 3 });
    expect(meter.operations()).toEqual({ 'sqs:ReceiveMessage': 1, 'sqs:DeleteMessageBatch': 1 });
    meter.reset();
    expect(meter.sqsRequests()).toBe(0);
    expect(meter.operations()).toEqual({});
    expect(meter.cost()).toBe(0);
  });

  it('counts a publish as one request and all its bytes', async () => {
    const meter = billingMeter(answering({ 'sns:PublishBatch': {} }));
    const MessageAttributes = { f0: { DataType: 'String', StringValue: 'é' } } as const;
    const PublishBatchRequestEntries = ['0', '1'].map((Id) => ({ Id, Message: 'abc', MessageAttributes }));
    await meter.calls.call('sns:PublishBatch', { TopicArn: 'arn', PublishBatchRequestEntries });
    expect(meter.counts()).toMatchObject({ snsRequests: 1, snsMessages: 2, snsBytes: 2 * (3 + 2 + 6 + 2) });
  });

  it('bills writes by the KB, twice in a transaction, and once more for each index', async () => {
    const calls = answering({ 'dynamodb:PutItem': {}, 'dynamodb:TransactWriteItems': {} });
    const meter = billingMeter(calls, { indexesOf: { indexed: 1 } });
    const Item = { pk: { S: 'x'.repeat(KB) } };
    await meter.calls.call('dynamodb:PutItem', { TableName: 'plain', Item: { pk: { S: 'a' } } });
    expect(meter.counts().dynamoWriteUnits).toBe(1);
    await meter.calls.call('dynamodb:PutItem', { TableName: 'indexed', Item });
    expect(meter.counts().dynamoWriteUnits).toBe(1 + 4);
    const TransactItems = [
      { Put: { TableName: 'plain', Item } },
      { ConditionCheck: { TableName: 'plain', Key: { pk: { S: 'a' } }, ConditionExpression: 'x' } },
    ];
    await meter.calls.call('dynamodb:TransactWriteItems', { TransactItems });
    expect(meter.counts()).toMatchObject({ dynamoRequests: 3, dynamoWriteUnits: 5 + 4 + 2 });
  });

  it('bills reads by 4 KB, half where they may be behind, and a missing item as the least', async () => {
    const Item = { pk: { S: 'x'.repeat(5 * KB) } };
    const answers = { 'dynamodb:GetItem': { Item }, 'dynamodb:BatchGetItem': { Responses: { table: [Item] } } };
    const meter = billingMeter(answering(answers));
    await meter.calls.call('dynamodb:GetItem', { TableName: 'table', Key: Item });
    expect(meter.counts().dynamoReadUnits).toBe(1);
    await meter.calls.call('dynamodb:GetItem', { TableName: 'table', Key: Item, ConsistentRead: true });
    expect(meter.counts().dynamoReadUnits).toBe(3);
    await meter.calls.call('dynamodb:BatchGetItem', { RequestItems: { table: { Keys: [Item, Item] } } });
    expect(meter.counts().dynamoReadUnits).toBe(3 + 1.5);
  });

  it('counts a call that failed, but no schedule of it', async () => {
    const meter = billingMeter(answering({}));
    const call = meter.calls.call('scheduler:CreateSchedule', {
      ...{ Name: 'a', GroupName: 'g', ScheduleExpression: 'at(2099-11-25T18:00:00)', ActionAfterCompletion: 'NONE' },
      ...{ FlexibleTimeWindow: { Mode: 'OFF' }, Target: { Arn: 'arn', RoleArn: 'arn', Input: '{}' } },
    });
    await expect(call).rejects.toThrow('no answer');
    expect(meter.counts()).toMatchObject({ schedulerRequests: 1, schedulesMade: 0 });
  });

  it('costs what the list says: a million tasks in batches of ten, sent, received and deleted', async () => {
    const answers = { 'sqs:SendMessageBatch': {}, 'sqs:ReceiveMessage': {}, 'sqs:DeleteMessageBatch': {} };
    const meter = billingMeter(answering(answers));
    await meter.calls.call('sqs:SendMessageBatch', { QueueUrl: FIFO, Entries: batch(KB, 10) });
    await meter.calls.call('sqs:ReceiveMessage', { QueueUrl: FIFO, MaxNumberOfMessages: 10 });
    await meter.calls.call('sqs:DeleteMessageBatch', { QueueUrl: FIFO, Entries: [] });
    expect(meter.cost() * 100_000).toBeCloseTo(0.15, 10);
    expect(meter.cost({ messages: 10, bytes: 0 }) * 100_000).toBeCloseTo(0.15 + 0.01, 10);
  });

  it('computes what Lambda polls by itself: an idle month is 259,200 to 648,000 receives', () => {
    const idleSeconds = 30 * 86_400;
    const idle = (pollers: number) => lambdaPolling({ batches: 0, idleSeconds, pollers }).idleReceives;
    expect([idle(IDLE_POLLERS.fewest), idle(IDLE_POLLERS.most)]).toEqual([259_200, 648_000]);
    expect(lambdaPolling({ batches: 7, idleSeconds: 0 })).toEqual({ receives: 7, deletes: 7, idleReceives: 0 });
  });

  it('knows how AWS sizes messages and items', () => {
    expect(messageBytes('é🍷')).toBe(6);
    expect(itemBytes({ pk: { S: 'ab' }, n: { N: '-12.5' }, b: { BOOL: true }, z: { NULL: true } })).toBe(4 + 4 + 2 + 2);
    expect(itemBytes({ s: { SS: ['a', 'bc'] }, l: { L: [{ S: 'x' }] }, m: { M: { k: { S: 'v' } } } })).toBe(4 + 6 + 7);
  });
});
