import type { Client } from '../client.ts';
import { derivedId } from '../ids.ts';
import type { ScheduleDeclaration } from '../topology.ts';

export interface Firing {
  /** The schedule's name. */
  readonly name: string;
  readonly declared: ScheduleDeclaration;
  /** When it is due (ms since the epoch); it may be a little ahead, then the task waits for it. */
  readonly dueMs: number;
}

/** Sends the task of one firing. Id and deduplication id are derived from (schedule, due time): sent twice, it runs once. */
export async function sendFiring(client: Client, { name, declared, dueMs }: Firing): Promise<void> {
  const taskId = derivedId('schedule', name, dueMs);
  await client.send(declared.task, {
    taskId,
    deduplicationId: taskId,
    messageGroup: declared.task.options.messageGroup ?? groupOf(name),
    ...(declared.queue === undefined ? undefined : { queue: declared.queue }),
    ...(dueMs > client.runtime.clock.now() ? { eta: new Date(dueMs) } : undefined),
  });
}

const LONGEST_GROUP = 128;

/** The schedule's name, so that a broker that deduplicates within a message group only meets the same firing in one group. */
function groupOf(name: string): string {
  const group = `beat:${name}`;
  return group.length <= LONGEST_GROUP ? group : `beat:${derivedId(name)}`;
}
