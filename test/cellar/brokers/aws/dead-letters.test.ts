import { describe, expect, it } from '@jest/globals';
import { AwsCallError, type SqsMessage } from '../../../../shared/cellar/aws/calls.ts';
import { messageText } from '../../../../shared/cellar/brokers/aws/message-text.ts';
import { type Carriage, decodeEnvelope } from '../../../../shared/cellar/celery/sqs-envelope.ts';
import { message } from '../../../conformance/deliveries.ts';
import { brokerRig, urlOf } from './broker-rig.ts';
import type { Answers } from './scripted-calls.ts';

function dead(text: string, carriage: Carriage = {}): SqsMessage {
  return {
    MessageId: `id of ${text}`,
    ReceiptHandle: `receipt of ${text}`,
    Body: messageText(message('mail', text), carriage).text,
    Attributes: { MessageGroupId: text, ApproximateReceiveCount: '3', SentTimestamp: '5000' },
  };
}

/** A dead-letter queue that hands out these, one answer after the other, then nothing. */
function holding(...answers: readonly (readonly SqsMessage[])[]): Answers {
  const left = [...answers];
  return { 'sqs:ReceiveMessage': () => ({ Messages: left.shift() ?? [] }) };
}

describe('dead letters on AWS', () => {
  it('are shown oldest first, held for no longer than the look takes', async () => {
    const { calls, admin } = await brokerRig(
      holding([dead('b', { reason: 'poison', diedAtMs: 9_000 })], [dead('a', { reason: 'poison', diedAtMs: 8_000 })]),
    );
    const peeked = await admin.peek('mail', { place: 'dead', limit: 5 });
    expect(peeked.map((one) => [one.message.correlationId, one.diedAtMs])).toEqual([
      ['a', 8_000],
      ['b', 9_000],
    ]);
    const given = calls.inputsOf('sqs:ChangeMessageVisibilityBatch');
    expect(
      given.flatMap(({ QueueUrl, Entries }) => Entries.map((entry) => [QueueUrl, entry.VisibilityTimeout])),
    ).toEqual([
      [urlOf('mail-dead.fifo'), 0],
      [urlOf('mail-dead.fifo'), 0],
    ]);
  });

  it('that SQS itself moved say so', async () => {
    const { admin } = await brokerRig(holding([dead('a')]));
    expect(await admin.peek('mail', { place: 'dead', limit: 1 })).toMatchObject([
      { reason: 'receive-limit', diedAtMs: 5_000 },
    ]);
  });

  it('go back as new attempts, and a second try of a redrive repeats the id of the first', async () => {
    const letter = dead('a', { reason: 'poison', diedAtMs: 8_000, messageGroup: 'A', bodyKey: 'k' });
    const { calls, admin } = await brokerRig(holding([letter], [], [letter], []));
    expect(await admin.redrive('mail')).toBe(1);
    expect(await admin.redrive('mail')).toBe(1);
    const [one, two] = calls.inputsOf('sqs:SendMessageBatch');
    expect(one).toMatchObject({ QueueUrl: urlOf('mail.fifo'), Entries: [{ MessageGroupId: 'A' }] });
    expect(one?.Entries[0]?.MessageDeduplicationId).toBe(two?.Entries[0]?.MessageDeduplicationId);
    const { message: again, carriage } = decodeEnvelope(one?.Entries[0]?.MessageBody ?? '');
    expect(again.headers['x-cellar-generation']).toBe(1);
    expect(carriage).toMatchObject({ messageGroup: 'A', bodyKey: 'k' });
    expect(carriage.reason).toBeUndefined();
    expect(calls.inputsOf('sqs:DeleteMessageBatch').map(({ QueueUrl }) => QueueUrl)).toEqual([
      urlOf('mail-dead.fifo'),
      urlOf('mail-dead.fifo'),
    ]);
  });

  it('that died while a redrive went on are left, or it would never end', async () => {
    const { calls, admin } = await brokerRig(
      holding(
        [dead('a', { reason: 'x', diedAtMs: 8_000 })],
        [dead('a again', { reason: 'x', diedAtMs: Date.now() + 60_000 })],
      ),
    );
    expect(await admin.redrive('mail')).toBe(1);
    const given = calls.inputsOf('sqs:ChangeMessageVisibilityBatch').flatMap(({ Entries }) => Entries);
    expect(given).toMatchObject([{ ReceiptHandle: 'receipt of a again', VisibilityTimeout: 0 }]);
  });

  it('stay where they are when they cannot be sent back', async () => {
    const { calls, admin } = await brokerRig({
      ...holding([dead('a')]),
      'sqs:SendMessageBatch': () => {
        throw new AwsCallError('sqs:SendMessageBatch', { awsCode: 'NetworkError', message: 'refused' });
      },
    });
    await expect(admin.redrive('mail')).rejects.toMatchObject({ code: 'broker-unavailable' });
    expect(calls.inputsOf('sqs:DeleteMessageBatch')).toEqual([]);
  });
});

describe('a purge on AWS', () => {
  it('deletes what was there when it began, and ends although more comes', async () => {
    const old = dead('old');
    const fresh = { ...dead('fresh'), Attributes: { SentTimestamp: String(Date.now() + 60_000) } };
    const { calls, admin } = await brokerRig(holding([old, fresh], [fresh], [fresh]));
    expect(await admin.purge('mail')).toBe(3);
    expect(calls.inputsOf('sqs:ReceiveMessage')).toHaveLength(2);
  });
});
