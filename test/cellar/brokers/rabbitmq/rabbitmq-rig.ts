/** Backends on a RabbitMQ of the test run, and messages for them. */
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { Backend } from '../../../../shared/cellar/backend.ts';
import type { OutgoingMessage } from '../../../../shared/cellar/broker.ts';
import { startRabbitmq, type TestRabbitmq } from '../../../support/rabbitmq.ts';
import { openOnUrl } from './open-on-url.ts';

/** Longer than anything takes on a busy machine. */
export const PATIENCE_MS = 20_000;

export interface Rig {
  readonly rabbit: TestRabbitmq;
  /** A backend that is closed after the test; @default on the rig's virtual host */
  open(url?: string, lines?: string[]): Promise<Backend>;
}

/** One virtual host for the tests of a file. */
export function rabbitmqRig(): Rig {
  let rabbit: TestRabbitmq | undefined;
  const opened: Backend[] = [];
  beforeAll(async () => {
    rabbit = await startRabbitmq();
  }, 120_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ broker }) => broker.close()));
  });
  afterAll(() => rabbit?.stop());
  const started = (): TestRabbitmq => {
    if (rabbit === undefined) throw new Error('RabbitMQ was not started');
    return rabbit;
  };
  return {
    get rabbit() {
      return started();
    },
    async open(url = started().url, lines = []) {
      const backend = await openOnUrl(url, lines);
      opened.push(backend);
      return backend;
    },
  };
}

export function message(queue: string, text: string, fields: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    exchange: '',
    routingKey: queue,
    headers: { id: text, task: 'tests.tasks.note' },
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    body: JSON.stringify([[text], {}, {}]),
    correlationId: text,
    ...fields,
  };
}

/** Receives until so many came, or nothing more. */
export async function takeTexts(
  { broker }: Backend,
  queue: string,
  count: number,
  waitMs = PATIENCE_MS,
): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const some = await broker.receive(queue, { maxMessages: count - texts.length, waitMs });
    if (some.length === 0) return texts;
    texts.push(...some.map((delivery) => delivery.message.correlationId));
    await broker.settle(some.map((delivery) => ({ delivery, publish: [], disposition: { kind: 'ack' } })));
  }
  return texts;
}
