/** A backend on RabbitMQ with results in memory, also for processes that tests start. */
import type { Backend } from '../../../../shared/cellar/backend.ts';
import { openMemory } from '../../../../shared/cellar/brokers/memory/open-memory.ts';
import { openRabbitmq } from '../../../../shared/cellar/brokers/rabbitmq/open-rabbitmq.ts';
import { systemRuntime as runtime } from '../../../../shared/cellar/clock.ts';
import { lineLogger } from '../../../../shared/cellar/log.ts';

/** What it logs goes to `lines`. */
export async function openOnUrl(url: string, lines: string[] = []): Promise<Backend> {
  const log = lineLogger({ level: 'info', clock: runtime.clock, write: (line) => void lines.push(line) });
  const { results, schedules } = await openMemory({ runtime });
  return await openRabbitmq({ url, runtime, log, resultExpiresSeconds: 600, stores: { results, schedules } });
}
