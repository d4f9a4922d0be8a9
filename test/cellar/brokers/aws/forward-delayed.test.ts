import { describe, expect, it } from '@jest/globals';
import { AwsCallError } from '../../../../shared/cellar/aws/calls.ts';
import { openBatches } from '../../../../shared/cellar/brokers/aws/batches.ts';
import { forwardDelayed } from '../../../../shared/cellar/brokers/aws/forward-delayed.ts';
import { messageText } from '../../../../shared/cellar/brokers/aws/message-text.ts';
import { openMemory } from '../../../../shared/cellar/brokers/memory/open-memory.ts';
import type { Carriage } from '../../../../shared/cellar/celery/sqs-envelope.ts';
import { systemRuntime as runtime } from '../../../../shared/cellar/clock.ts';
import { forwarderHandler } from '../../../../shared/cellar/lambda/forwarder-handler.ts';
import { toSqsRecord } from '../../../../shared/cellar/lambda/sqs-event.ts';
import { revokedUpdate } from '../../../../shared/cellar/worker/result-update.ts';
import { message } from '../../../conformance/deliveries.ts';
import { deliveryWith, location, urlOf } from './broker-rig.ts';
import { type Answers, scriptedCalls } from './scripted-calls.ts';

async function rig(answers: Answers = {}) {
  const calls = scriptedCalls(answers);
  const { results } = await openMemory({ runtime });
  const batches = openBatches({ calls, location, runtime });
  return { calls, results, forward: forwardDelayed({ location, runtime, batches, results, revokedUpdate }) };
}

function waiting(text: string, carriage: Carriage) {
  return { messageId: `id of ${text}`, body: messageText(message('mail', text), carriage).text };
}

const PAST = { queue: 'mail', dueAtMs: 1_000 };

describe('forwarding delayed messages', () => {
  it('moves what is due to its queue, text unchanged, with its group and deduplication id', async () => {
    const { calls, forward } = await rig();
    const due = waiting('a', { ...PAST, messageGroup: 'A', deduplicationId: 'd' });
    expect(await forward([due])).toEqual([undefined]);
    expect(calls.inputsOf('sqs:SendMessageBatch')).toMatchObject([
      {
        QueueUrl: urlOf('mail.fifo'),
        Entries: [{ MessageBody: due.body, MessageGroupId: 'A', MessageDeduplicationId: 'd' }],
      },
    ]);
  });

  it('gives a message without ids the same ones each time it is moved', async () => {
    const { calls, forward } = await rig();
    const due = waiting('a', PAST);
    for (let time = 0; time < 2; time++) await forward([due]);
    const sent = calls.inputsOf('sqs:SendMessageBatch').map(({ Entries }) => Entries[0]);
    expect(sent[0]).toMatchObject({ MessageDeduplicationId: expect.any(String), MessageGroupId: 'a' });
    expect(sent[1]).toEqual(sent[0]);
  });

  it.each([
    ['the rest of its time', 4_200, 5],
    ['at most 15 minutes', 3_600_000, 900],
  ])('sends what is not due back for %s', async (_what, inMs, DelaySeconds) => {
    const { calls, forward } = await rig();
    expect(await forward([waiting('a', { queue: 'mail', dueAtMs: Date.now() + inMs })])).toEqual([undefined]);
    expect(calls.inputsOf('sqs:SendMessageBatch')).toMatchObject([
      { QueueUrl: urlOf('delay'), Entries: [{ DelaySeconds }] },
    ]);
  });

  it('drops what was revoked, and it is REVOKED', async () => {
    const { calls, forward, results } = await rig();
    await results.revoke(['a']);
    expect(await forward([waiting('a', PAST), waiting('b', PAST)])).toEqual([undefined, undefined]);
    expect(calls.inputsOf('sqs:SendMessageBatch').flatMap(({ Entries }) => Entries)).toHaveLength(1);
    expect(await results.get(['a', 'b'])).toMatchObject([{ state: 'REVOKED', queue: 'mail' }, undefined]);
  });

  it('moves what waited too long in the order of its time', async () => {
    const { calls, forward } = await rig();
    const late = [3, 1, 2].map((second) =>
      waiting(`m${second}`, { queue: 'mail', dueAtMs: second * 1000, messageGroup: 'A' }),
    );
    expect(await forward(late)).toEqual([undefined, undefined, undefined]);
    const bodies = calls
      .inputsOf('sqs:SendMessageBatch')
      .flatMap(({ Entries }) => Entries.map((one) => one.MessageBody));
    expect(bodies).toEqual([late[1], late[2], late[0]].map((one) => one?.body));
  });

  it('says why one could not be moved, and moves the others', async () => {
    const { forward } = await rig({
      'sqs:SendMessageBatch': ({ QueueUrl, Entries }) => {
        if (QueueUrl === urlOf('mail.fifo')) return { Successful: Entries };
        throw new AwsCallError('sqs:SendMessageBatch', { awsCode: 'QueueDoesNotExist', message: 'gone', status: 400 });
      },
    });
    const faults = await forward([
      waiting('a', PAST),
      waiting('b', { ...PAST, queue: 'nowhere' }),
      waiting('c', {}),
      { messageId: 'x', body: 'no envelope' },
    ]);
    expect(faults).toEqual([undefined, expect.stringContaining('gone'), expect.any(String), expect.any(String)]);
  });

  it('as a function reports what could not be moved, and only that', async () => {
    const { forward } = await rig();
    const lines: string[] = [];
    const note = (text: string): void => void lines.push(text);
    const log = { debug: note, info: note, warn: note, error: note };
    const handler = forwarderHandler({ open: async () => ({ forward, log }) });
    const record = (text: string, carriage: Carriage) => ({
      ...toSqsRecord(deliveryWith(text)),
      ...waiting(text, carriage),
    });
    const Records = [record('a', PAST), record('b', {})];
    expect(await handler({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: 'id of b' }] });
    expect(lines).toEqual([expect.stringContaining('which queue')]);
  });
});
