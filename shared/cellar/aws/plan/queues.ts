import type { Topology } from '../../topology.ts';
import { awsNames } from '../location.ts';

/** A queue of the topology as AWS has it. */
export interface QueuePlan {
  readonly queue: string;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  readonly visibilityTimeoutSeconds: number;
}

/** The queues, in the order declared. */
export function queuePlans({ queues }: Topology, prefix: string): readonly QueuePlan[] {
  return Object.entries(queues).map(([queue, { visibilityTimeoutSeconds }]) => ({
    queue,
    queueName: awsNames.queue(prefix, queue),
    deadLetterQueueName: awsNames.deadLetterQueue(prefix, queue),
    visibilityTimeoutSeconds,
  }));
}

/** SQS's CreateQueue: 80 characters, `.fifo` included. */
const LONGEST_QUEUE_NAME = 80;

/** Names that SQS refuses, or that two queues would share. */
export function queueNameProblems(plans: readonly QueuePlan[]): string[] {
  const ownerOf = new Map(plans.map(({ queue, deadLetterQueueName }) => [deadLetterQueueName, queue]));
  return plans.flatMap(({ queue, queueName, deadLetterQueueName }) => {
    const owner = ownerOf.get(queueName);
    const problems: string[] = [];
    if (owner !== undefined)
      problems.push(`queue '${queue}': its name on AWS, ${queueName}, is that of the dead-letter queue of '${owner}'`);
    if (deadLetterQueueName.length > LONGEST_QUEUE_NAME) {
      problems.push(
        `queue '${queue}': the name of its dead-letter queue, ${deadLetterQueueName}, has ${deadLetterQueueName.length} characters, allowed: ${LONGEST_QUEUE_NAME} (SQS)`,
      );
    }
    return problems;
  });
}
