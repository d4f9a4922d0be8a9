import { describe, expect, it } from '@jest/globals';
import { AwsCallError } from '../../../../shared/cellar/aws/calls.ts';
import { awsNames } from '../../../../shared/cellar/aws/location.ts';
import { decodeEnvelope } from '../../../../shared/cellar/celery/sqs-envelope.ts';
import { message } from '../../../conformance/deliveries.ts';
import { brokerRig, location, urlOf } from './broker-rig.ts';

const SQS_ID = /^[\x21-\x7e]{1,128}$/;

describe('publishing on AWS', () => {
  it('sends to a queue with a group and a deduplication id, which is unique where none was asked for', async () => {
    const { calls, broker } = await brokerRig();
    await broker.publish([message('mail', 'a'), message('mail', 'a')]);
    const [request] = calls.inputsOf('sqs:SendMessageBatch');
    expect(request?.QueueUrl).toBe(urlOf('mail.fifo'));
    const [one, two] = request?.Entries ?? [];
    expect([one?.MessageGroupId, two?.MessageGroupId]).toEqual(['a', 'a']);
    expect(one?.MessageDeduplicationId).toMatch(SQS_ID);
    expect(one?.MessageDeduplicationId).not.toBe(two?.MessageDeduplicationId);
  });

  it('gives two sends with one deduplication id and no group the same group, because AWS deduplicates per group', async () => {
    const { calls, broker } = await brokerRig();
    for (const text of ['a', 'b']) await broker.publish([message('mail', text, { deduplicationId: 'charge 42' })]);
    const sent = calls.inputsOf('sqs:SendMessageBatch').flatMap(({ Entries }) => Entries);
    expect(sent).toHaveLength(2);
    expect(sent[0]?.MessageGroupId).toBe(sent[1]?.MessageGroupId);
    expect(sent[0]?.MessageDeduplicationId).toBe(sent[1]?.MessageDeduplicationId);
    expect(sent[0]?.MessageDeduplicationId).toMatch(SQS_ID);
  });

  it('sends ten messages in one request, and those of concurrent calls together', async () => {
    const { calls, broker } = await brokerRig();
    await Promise.all(Array.from({ length: 10 }, (_, index) => broker.publish([message('mail', `m${index}`)])));
    expect(calls.inputsOf('sqs:SendMessageBatch').map(({ Entries }) => Entries.length)).toEqual([10]);
  });

  it('publishes to the topic of an exchange with the attributes that its bindings test, and nothing more', async () => {
    const { calls, broker } = await brokerRig();
    const fields = { exchange: 'events', routingKey: 'order.paid.fr' };
    expect(await broker.publish([message('', 'a', fields)])).toEqual([{ status: 'accepted', queues: ['mail'] }]);
    const [request] = calls.inputsOf('sns:PublishBatch');
    expect(request?.TopicArn).toBe('arn:aws:sns:eu-central-1:123456789012:wine-shop-events.fifo');
    const [entry] = request?.PublishBatchRequestEntries ?? [];
    expect(Object.keys(entry?.MessageAttributes ?? {}).length).toBeGreaterThan(0);
    expect(Object.keys(entry?.MessageAttributes ?? {}).length).toBeLessThanOrEqual(10);
    expect(decodeEnvelope(entry?.Message ?? '').carriage).toMatchObject(fields);
    expect(calls.inputsOf('sqs:SendMessageBatch')).toEqual([]);
  });

  it('routes by itself where the exchange says so, and where a message has further keys', async () => {
    const { calls, broker } = await brokerRig();
    const cc = { headers: { CC: ['order.paid.fr'] }, exchange: 'events', routingKey: 'nowhere' };
    const outcomes = await broker.publish([
      message('', 'a', { exchange: 'copies', routingKey: '' }),
      message('', 'b', cc),
    ]);
    expect(outcomes).toEqual([
      { status: 'accepted', queues: ['mail', 'audit'] },
      { status: 'accepted', queues: ['mail'] },
    ]);
    expect(calls.inputsOf('sns:PublishBatch')).toEqual([]);
    const sent = calls.inputsOf('sqs:SendMessageBatch');
    expect(sent.map(({ QueueUrl, Entries }) => [QueueUrl, Entries.length]).toSorted()).toEqual([
      [urlOf('audit.fifo'), 1],
      [urlOf('mail.fifo'), 2],
    ]);
  });

  it('refuses an unroutable mandatory message without a call', async () => {
    const { calls, broker } = await brokerRig();
    const lost = message('', 'a', { exchange: 'events', routingKey: 'lost', mandatory: true });
    expect(await broker.publish([lost])).toMatchObject([{ status: 'refused', code: 'unroutable' }]);
    expect(calls.inputsOf('sns:PublishBatch')).toEqual([]);
  });

  it('puts a body that does not fit into the store, and keeps its place in its group', async () => {
    const gate = Promise.withResolvers<object>();
    const { calls, broker } = await brokerRig({ 's3:PutObject': () => gate.promise });
    const body = 'x'.repeat(1_100_000);
    const group = { messageGroup: 'A' };
    const published = broker.publish([message('mail', 'large', { body, ...group }), message('mail', 'small', group)]);
    gate.resolve({});
    expect(await published).toMatchObject([{ status: 'accepted' }, { status: 'accepted' }]);
    const [put] = calls.inputsOf('s3:PutObject');
    expect(put?.Body.length).toBe(body.length);
    const texts = calls
      .inputsOf('sqs:SendMessageBatch')
      .flatMap(({ Entries }) => Entries.map((entry) => entry.MessageBody));
    const [large, small] = texts.map(decodeEnvelope);
    expect(large).toMatchObject({ message: { body: '', correlationId: 'large' }, carriage: { bodyKey: put?.Key } });
    expect(small?.message.correlationId).toBe('small');
    expect(put?.Key.length).toBeGreaterThan(60);
  });

  it('counts the bytes of what travels: through a topic a quarter of what a queue takes', async () => {
    const { calls, broker } = await brokerRig();
    const body = '"'.repeat(150_000); // twice that as JSON
    await broker.publish([
      message('mail', 'a', { body }),
      message('', 'b', { body, exchange: 'events', routingKey: 'order.x.fr' }),
    ]);
    expect(calls.inputsOf('s3:PutObject')).toHaveLength(1);
  });

  it('escapes the two characters that SQS refuses', async () => {
    const { calls, broker } = await brokerRig();
    const body = '["\ufffe\uffff"]';
    await broker.publish([message('mail', 'a', { body })]);
    const text = calls.inputsOf('sqs:SendMessageBatch')[0]?.Entries[0]?.MessageBody ?? '';
    expect(text).not.toMatch(/[\ufffe\uffff]/);
    expect(decodeEnvelope(text).message.body).toBe(body);
  });

  it.each([
    ['a queue that is not there', 'QueueDoesNotExist', true, 'unknown-queue'],
    ['contents that SQS does not take', 'InvalidMessageContents', true, 'not-supported'],
  ])('says why a message was refused: %s', async (_what, Code, SenderFault, code) => {
    const { broker } = await brokerRig({
      'sqs:SendMessageBatch': ({ Entries }) => ({ Failed: Entries.map(({ Id }) => ({ Id, Code, SenderFault })) }),
    });
    expect(await broker.publish([message('mail', 'a')])).toMatchObject([{ status: 'refused', code }]);
  });

  it('says of each message of a call what became of it where AWS does not answer', async () => {
    const { broker } = await brokerRig({
      'sqs:SendMessageBatch': ({ QueueUrl, Entries }) => {
        if (QueueUrl === urlOf('mail.fifo')) return { Successful: Entries };
        throw new AwsCallError('sqs:SendMessageBatch', { awsCode: 'NetworkError', message: 'refused' });
      },
    });
    const outcomes = await broker.publish([message('mail', 'a'), message('audit', 'b'), message('mail', 'c')]);
    expect(outcomes).toMatchObject([
      { status: 'accepted' },
      { status: 'refused', code: 'broker-unavailable', reason: expect.stringContaining("queue 'audit'") },
      { status: 'accepted' },
    ]);
  });
});

describe('delays on AWS', () => {
  it('up to 15 minutes wait in the delay queue, in whole seconds, never early', async () => {
    const { calls, broker } = await brokerRig();
    await broker.publish([message('mail', 'a', { dueAtMs: Date.now() + 2_200 })]);
    const [request] = calls.inputsOf('sqs:SendMessageBatch');
    expect(request?.QueueUrl).toBe(urlOf('delay'));
    const [entry] = request?.Entries ?? [];
    expect(entry).toMatchObject({ DelaySeconds: 3 });
    expect(entry?.MessageGroupId).toBeUndefined();
    const { carriage } = decodeEnvelope(entry?.MessageBody ?? '');
    expect(carriage).toMatchObject({ queue: 'mail', deduplicationId: expect.stringMatching(SQS_ID) });
  });

  it('longer is a one-time schedule, 5 to 10 minutes early, named by the attempt', async () => {
    const { calls, broker } = await brokerRig();
    const dueAtMs = Date.now() + 3_600_000;
    const headers = { id: 'a', retries: 2, 'x-cellar-generation': 1 };
    await broker.publish([message('mail', 'a', { dueAtMs, headers })]);
    const [schedule] = calls.inputsOf('scheduler:CreateSchedule');
    expect(schedule).toMatchObject({
      Name: `${awsNames.scheduleNamePrefix('a')}2-1`,
      GroupName: location.prefix,
      ActionAfterCompletion: 'DELETE',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: 'arn:aws:sqs:eu-central-1:123456789012:wine-shop-delay',
        DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-central-1:123456789012:wine-shop-undelivered' },
        RetryPolicy: { MaximumEventAgeInSeconds: expect.any(Number) },
      },
    });
    const time = /^at\((.{19})\)$/.exec(schedule?.ScheduleExpression ?? '')?.[1];
    const earlySeconds = (dueAtMs - Date.parse(`${time}Z`)) / 1000;
    expect(earlySeconds).toBeGreaterThanOrEqual(300);
    expect(earlySeconds).toBeLessThanOrEqual(601);
    expect(schedule?.Name.length).toBeLessThanOrEqual(64);
    expect(decodeEnvelope(schedule?.Target.Input ?? '').carriage).toMatchObject({ queue: 'mail', dueAtMs });
  });

  it('a schedule that exists is the same attempt’s, any other fault is told', async () => {
    const answer = (awsCode: string) => () => {
      throw new AwsCallError('scheduler:CreateSchedule', { awsCode, message: 'no', status: 409 });
    };
    const later = message('mail', 'a', { dueAtMs: Date.now() + 3_600_000 });
    const there = await brokerRig({ 'scheduler:CreateSchedule': answer('ConflictException') });
    expect(await there.broker.publish([later])).toMatchObject([{ status: 'accepted' }]);
    const denied = await brokerRig({ 'scheduler:CreateSchedule': answer('AccessDeniedException') });
    expect(await denied.broker.publish([later])).toMatchObject([{ status: 'refused', code: 'not-supported' }]);
  });

  it('a body that does not fit into a schedule goes to the store', async () => {
    const { calls, broker } = await brokerRig();
    const body = 'x'.repeat(300_000);
    await broker.publish([message('mail', 'a', { body, dueAtMs: Date.now() + 3_600_000 })]);
    expect(calls.inputsOf('s3:PutObject')).toHaveLength(1);
    const [schedule] = calls.inputsOf('scheduler:CreateSchedule');
    expect(decodeEnvelope(schedule?.Target.Input ?? '').carriage.bodyKey).toBe(calls.inputsOf('s3:PutObject')[0]?.Key);
  });
});
