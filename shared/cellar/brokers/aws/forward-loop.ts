/** Forwards delayed messages in this process, where no function does: emulators without a deployment. */
import type { AwsCalls } from '../../aws/calls.ts';
import { type AwsLocation, awsNames, queueUrl } from '../../aws/location.ts';
import { type Runtime, sleep } from '../../clock.ts';
import type { Batches } from './batches.ts';
import type { ForwardDelayed } from './forward-delayed.ts';

export interface ForwardLoopParts {
  readonly calls: AwsCalls;
  readonly location: AwsLocation;
  readonly runtime: Runtime;
  readonly batches: Batches;
  readonly forward: ForwardDelayed;
}

const PAUSE_MS = 1_000;

/** Runs until the signal aborts. A fault costs a pause: what was not moved comes again. */
export async function forwardLoop(parts: ForwardLoopParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await forwardOnce(parts, signal);
    } catch {
      await sleep(parts.runtime.clock, PAUSE_MS, signal); // nobody is there to be told; the next round tries again
    }
  }
}

async function forwardOnce(parts: ForwardLoopParts, signal: AbortSignal): Promise<void> {
  const { calls, location, batches, forward } = parts;
  const name = awsNames.delayQueue(location.prefix);
  const { Messages = [] } = await calls.call(
    'sqs:ReceiveMessage',
    { QueueUrl: queueUrl(location, name), MaxNumberOfMessages: 10, WaitTimeSeconds: 20 },
    { signal },
  );
  if (Messages.length === 0) return;
  const faults = await forward(Messages.map(({ MessageId, Body }) => ({ messageId: MessageId, body: Body })));
  const moved = Messages.filter((_, index) => faults[index] === undefined);
  const deletes = batches.deletes(name);
  await Promise.all(moved.map(({ ReceiptHandle }) => deletes.add({ ReceiptHandle }, { bytes: 0 })));
}
