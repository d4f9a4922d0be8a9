/** How fast workers empty a queue, seen from the server: both peers are measured alike, without their own start and end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import { QUEUE, type QueueKind } from './scenario.ts';

/** The part of the messages that workers take before the clock starts, and that is left when it stops. */
const START_SHARE = 0.1;
const END_SHARE = 0.1;
const LOOK_EVERY_MS = 5;
const LONGEST_MS = 300_000;

/** Messages a second between the first and the last tenth of `messages`. @throws Error when the queue does not empty */
export async function drainRate(url: string, messages: number): Promise<number> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const deadline = performance.now() + LONGEST_MS;
  const reached = async (share: number) => {
    for (;;) {
      const { messageCount } = await channel.checkQueue(QUEUE);
      if (messageCount <= messages * share) return { messageCount, atMs: performance.now() };
      if (performance.now() > deadline) throw new Error(`${messageCount} messages are still in the queue ${QUEUE}`);
      await sleep(LOOK_EVERY_MS);
    }
  };
  try {
    const first = await reached(1 - START_SHARE);
    const last = await reached(END_SHARE);
    await reached(0);
    return ((first.messageCount - last.messageCount) / (last.atMs - first.atMs)) * 1000;
  } finally {
    await connection.close();
  }
}

/** An empty queue as both declare it: durable, and nothing else but its kind. */
export async function emptyQueue(url: string, kind: QueueKind): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.deleteQueue(QUEUE);
  await channel.assertQueue(QUEUE, { durable: true, arguments: kind === 'quorum' ? { 'x-queue-type': kind } : {} });
  await connection.close();
}
