/** What people and tools do to queues on AWS, as far as SQS lets anybody look. */
import type { AwsCalls, SqsMessage } from '../../aws/calls.ts';
import { type AwsLocation, awsNames, queueUrl } from '../../aws/location.ts';
import type { BrokerAdmin, QueueCounts } from '../../broker.ts';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import type { AwsBroker } from './aws-broker.ts';
import { cancelSchedule } from './cancel-schedule.ts';
import { type DeadLetters, openDeadLetters } from './dead-letters.ts';
import { queueError } from './faults.ts';

export interface AdminParts {
  readonly broker: AwsBroker;
  readonly calls: AwsCalls;
  readonly location: AwsLocation;
  readonly runtime: Runtime;
}

const COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
/** How long a purge holds what it is about to delete, in seconds. */
const PURGE_HOLD_SECONDS = 30;

/**
 * Counts are SQS's own, which lag by some seconds. All queues share one delay queue and Scheduler cannot count, so that
 * `delayed` is absent. A purge deletes what SQS hands out: not what waits for its time, nor behind a message in
 * flight of its group. Calls throw CellarError `unknown-queue`, `broker-unavailable`, `closed`.
 */
export function awsAdmin(parts: AdminParts): BrokerAdmin {
  const { broker, calls, location } = parts;
  const { prefix } = location;

  async function sizes(queue: string, name: string): Promise<readonly [visible: number, invisible: number]> {
    try {
      const input = { QueueUrl: queueUrl(location, name), AttributeNames: COUNTS };
      const { Attributes = {} } = await calls.call('sqs:GetQueueAttributes', input);
      return [Number(Attributes[COUNTS[0]] ?? 0), Number(Attributes[COUNTS[1]] ?? 0)];
    } catch (error) {
      throw queueError(error, queue);
    }
  }

  async function countsOf(queue: string): Promise<QueueCounts> {
    const [[ready, inFlight], [dead, held]] = await Promise.all([
      sizes(queue, broker.awsName(queue)),
      sizes(queue, awsNames.deadLetterQueue(prefix, queue)),
    ]);
    return { queue, ready, inFlight, dead: dead + held };
  }

  function deadLettersOf(queue: string): DeadLetters {
    broker.refuseWhenClosed();
    return openDeadLetters({ ...parts, queue, name: broker.awsName(queue) });
  }

  return {
    async counts(queues = broker.queueNames) {
      broker.refuseWhenClosed();
      return await Promise.all(queues.map(countsOf));
    },
    async peek(queue, { place, limit }) {
      const dead = deadLettersOf(queue);
      if (place === 'dead') return await dead.peek(limit);
      throw new CellarError('not-supported', `peek is asked for ${place} messages, allowed on AWS: dead`);
    },
    async purge(queue) {
      broker.refuseWhenClosed();
      return await deleteAll(parts, queue);
    },
    async redrive(queue, { limit = Number.POSITIVE_INFINITY } = {}) {
      return await deadLettersOf(queue).redrive(limit);
    },
    async cancelDelayed(taskId) {
      broker.refuseWhenClosed();
      const { maxDelaySeconds, uncancellableDelaySeconds } = broker.capabilities;
      return maxDelaySeconds > uncancellableDelaySeconds ? await cancelSchedule(parts, taskId) : undefined;
    },
  };
}

/**
 * Receives and deletes until nothing older than this call comes; SQS's own purge would take what is in flight too, and
 * cannot count.
 */
async function deleteAll({ broker, calls, location, runtime }: AdminParts, queue: string): Promise<number> {
  const beginMs = runtime.clock.now();
  const name = broker.awsName(queue);
  const deletes = broker.batches.deletes(name);
  let deleted = 0;
  for (;;) {
    const messages = await receiveTen({ calls, url: queueUrl(location, name), queue });
    const faults = await Promise.all(messages.map(({ ReceiptHandle }) => deletes.add({ ReceiptHandle }, { bytes: 0 })));
    deleted += faults.filter((fault) => fault === undefined).length;
    if (!messages.some(({ Attributes }) => Number(Attributes?.SentTimestamp ?? 0) <= beginMs)) return deleted;
  }
}

interface ReceiveParts {
  readonly calls: AwsCalls;
  readonly url: string;
  readonly queue: string;
}

async function receiveTen({ calls, url, queue }: ReceiveParts): Promise<readonly SqsMessage[]> {
  try {
    const { Messages = [] } = await calls.call('sqs:ReceiveMessage', {
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      // A second at least: an answer at once asks only some of SQS's servers, and may be empty where others have some.
      WaitTimeSeconds: 1,
      VisibilityTimeout: PURGE_HOLD_SECONDS,
      MessageSystemAttributeNames: ['SentTimestamp'],
    });
    return Messages;
  } catch (error) {
    throw queueError(error, queue);
  }
}
