/** A process of its own that does one thing with a file: `node child.ts <what> <path>`; says `ready` when it has. */
import type { Backend } from '../../../../shared/cellar/backend.ts';
import type { OutgoingMessage } from '../../../../shared/cellar/broker.ts';
import { openHere } from './open-child.ts';

function message(text: string): OutgoingMessage {
  const headers = { id: text };
  const body = 'x'.repeat(400);
  const content = { contentType: 'application/json', contentEncoding: 'utf-8' };
  return { exchange: '', routingKey: 'mail', headers, ...content, body, correlationId: text };
}

const actions: Readonly<Record<string, (backend: Backend) => Promise<void>>> = {
  /** Makes the tables, sends one message and ends. */
  async publish(backend) {
    await backend.broker.publish([message(`from ${process.pid}`)]);
    await backend.broker.close();
  },
  /** Takes all there is and does not settle it. */
  async hold(backend) {
    await backend.broker.receive('mail', { maxMessages: 10, waitMs: 5000 });
  },
  /** Waits for messages and answers each with one of the same name and `echo`. */
  async echo(backend) {
    console.log('ready');
    for (;;) {
      const [delivery] = await backend.broker.receive('mail', { maxMessages: 1, waitMs: 60_000 });
      if (delivery === undefined) continue;
      const id = delivery.message.correlationId;
      const update = { id, state: 'SUCCESS', result: String(Date.now()), attempt: { retries: 0, generation: 0 } };
      const result = { ...update, task: 't', args: '', kwargs: '', queue: 'mail', worker: 'child' };
      await backend.broker.settle([{ delivery, publish: [], result, disposition: { kind: 'ack' } }]);
    }
  },
  /** Writes as much as it can. */
  async saturate(backend) {
    console.log('ready');
    const batch = Array.from({ length: 128 }, (_, index) => message(`m${index}`));
    const lane = async (): Promise<never> => {
      for (;;) {
        await backend.broker.publish(batch);
        const deliveries = await backend.broker.receive('mail', { maxMessages: 128, waitMs: 0 });
        await backend.broker.settle(
          deliveries.map((delivery) => ({ delivery, publish: [], disposition: { kind: 'ack' } })),
        );
      }
    };
    await Promise.all([lane(), lane(), lane()]);
  },
};

const [what = '', path = ''] = process.argv.slice(2);
const action = actions[what];
if (action === undefined) throw new Error(`unknown action '${what}', allowed: ${Object.keys(actions).join(', ')}`);
await action(await openHere(path));
console.log('ready');
