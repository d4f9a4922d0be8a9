import { describe, expect, it } from '@jest/globals';
import { AwsCallError } from '../../../../shared/cellar/aws/calls.ts';
import type { Disposition } from '../../../../shared/cellar/broker.ts';
import { decodeEnvelope } from '../../../../shared/cellar/celery/sqs-envelope.ts';
import { message, result } from '../../../conformance/deliveries.ts';
import { brokerRig, deliveryWith, urlOf } from './broker-rig.ts';
import type { Answers } from './scripted-calls.ts';

const ACK: Disposition = { kind: 'ack' };
const settlement = (receipt: string, disposition: Disposition = ACK) => ({
  delivery: deliveryWith(receipt),
  publish: [],
  disposition,
});
const receipts = Array.from({ length: 25 }, (_, index) => `r${index}`);

describe('settling on AWS', () => {
  it('deletes ten messages a request', async () => {
    const { calls, broker } = await brokerRig();
    const outcomes = await broker.settle(receipts.map((receipt) => settlement(receipt)));
    expect(outcomes).toEqual(receipts.map(() => ({ status: 'settled' })));
    const sizes = calls.inputsOf('sqs:DeleteMessageBatch').map(({ Entries }) => Entries.length);
    expect(sizes).toEqual([10, 10, 5]);
  });

  it('in a function deletes nothing: SQS does when it returns', async () => {
    const { calls, broker } = await brokerRig({}, { acknowledge: 'by-return' });
    const outcomes = await broker.settle([
      settlement('a'),
      settlement('b', { kind: 'dead', reason: 'poison' }),
      settlement('c', { kind: 'release', delaySeconds: 7.2 }),
    ]);
    expect(outcomes).toEqual(Array.from({ length: 3 }, () => ({ status: 'settled' })));
    expect(calls.inputsOf('sqs:DeleteMessageBatch')).toEqual([]);
    expect(calls.inputsOf('sqs:SendMessageBatch').map(({ QueueUrl }) => QueueUrl)).toEqual([urlOf('mail-dead.fifo')]);
    expect(calls.inputsOf('sqs:ChangeMessageVisibilityBatch')).toMatchObject([
      { Entries: [{ ReceiptHandle: 'c', VisibilityTimeout: 8 }] },
    ]);
  });

  it('publishes, then stores, then deletes', async () => {
    const steps: string[] = [];
    const noted = (step: string, Successful: readonly { readonly Id: string }[]) => {
      steps.push(step);
      return { Successful };
    };
    const answers: Answers = {
      'sqs:SendMessageBatch': ({ Entries }) => noted('publish', Entries),
      'sqs:DeleteMessageBatch': ({ Entries }) => noted('delete', Entries),
    };
    const { broker, results } = await brokerRig(answers);
    const publish = [message('audit', 'child')];
    await broker.settle([{ ...settlement('a'), publish, result: result('a', 'SUCCESS') }]);
    expect(steps).toEqual(['publish', 'delete']);
    expect(await results.get(['a'])).toMatchObject([{ state: 'SUCCESS' }]);
  });

  it('keeps the message where what it publishes is refused, and settles it later', async () => {
    const { calls, broker } = await brokerRig();
    const [outcome] = await broker.settle([{ ...settlement('a'), publish: [message('nowhere', 'child')] }]);
    expect(outcome).toMatchObject({ status: 'failed', reason: expect.stringContaining('nowhere') });
    expect(calls.inputsOf('sqs:DeleteMessageBatch')).toEqual([]);
    expect(await broker.settle([settlement('a')])).toEqual([{ status: 'settled' }]);
  });

  it('sends a dead message on with its reason and time before it deletes it', async () => {
    const { calls, broker } = await brokerRig();
    const delivery = deliveryWith('a', { messageGroup: 'A', exchange: 'events', routingKey: 'k', bodyKey: 'b' });
    const before = Date.now();
    await broker.settle([{ delivery, publish: [], disposition: { kind: 'dead', reason: 'poison' } }]);
    const [entry] = calls.inputsOf('sqs:SendMessageBatch')[0]?.Entries ?? [];
    expect(entry?.MessageGroupId).toBe('A');
    const { carriage } = decodeEnvelope(entry?.MessageBody ?? '');
    const kept = { messageGroup: 'A', exchange: 'events', routingKey: 'k', bodyKey: 'b', reason: 'poison' };
    expect(carriage).toMatchObject(kept);
    expect(carriage.diedAtMs).toBeGreaterThanOrEqual(before);
    expect(calls.inputsOf('sqs:DeleteMessageBatch')).toHaveLength(1);
  });

  it('does not delete a dead message that the dead-letter queue did not take', async () => {
    const { calls, broker } = await brokerRig({
      'sqs:SendMessageBatch': () => {
        throw new AwsCallError('sqs:SendMessageBatch', { awsCode: 'NetworkError', message: 'refused' });
      },
    });
    const [outcome] = await broker.settle([settlement('a', { kind: 'dead', reason: 'poison' })]);
    expect(outcome).toMatchObject({ status: 'failed', reason: expect.stringContaining('dead-letter queue') });
    expect(calls.inputsOf('sqs:DeleteMessageBatch')).toEqual([]);
  });

  it.each(['ReceiptHandleIsInvalid', 'InvalidParameterValue'])('a receipt that ran out is stale: %s', async (Code) => {
    const answer: Answers['sqs:DeleteMessageBatch'] = ({ Entries }) => ({
      Successful: Entries.slice(1),
      Failed: [{ Id: '0', Code, SenderFault: true }],
    });
    const { broker } = await brokerRig({ 'sqs:DeleteMessageBatch': answer });
    const outcomes = await broker.settle([settlement('old'), settlement('valid')]);
    expect(outcomes).toEqual([{ status: 'stale' }, { status: 'settled' }]);
  });

  it('extends ten receipts a request, and an outage is no receipt that ran out', async () => {
    const { calls, broker } = await brokerRig();
    const held = receipts.slice(0, 12).map((receipt) => deliveryWith(receipt));
    expect(await broker.extend(held, 60)).toEqual(held.map(() => true));
    expect(calls.inputsOf('sqs:ChangeMessageVisibilityBatch').map(({ Entries }) => Entries.length)).toEqual([10, 2]);
    const down = await brokerRig({
      'sqs:ChangeMessageVisibilityBatch': () => {
        throw new AwsCallError('sqs:ChangeMessageVisibilityBatch', { awsCode: 'NetworkError', message: 'refused' });
      },
    });
    await expect(down.broker.extend(held, 60)).rejects.toMatchObject({ code: 'broker-unavailable' });
  });
});
