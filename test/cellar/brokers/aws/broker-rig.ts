/** The AWS broker over scripted calls, with a topology declared. */
import type { Delivery } from '../../../../shared/cellar/broker.ts';
import { type AwsMessagingOptions, openAwsMessaging } from '../../../../shared/cellar/brokers/aws/open-aws.ts';
import { s3Payloads } from '../../../../shared/cellar/brokers/aws/payloads.ts';
import { openMemory } from '../../../../shared/cellar/brokers/memory/open-memory.ts';
import { systemRuntime } from '../../../../shared/cellar/clock.ts';
import { type Topology, topology } from '../../../../shared/cellar/topology.ts';
import { type Answers, scriptedCalls } from './scripted-calls.ts';

export const location = { region: 'eu-central-1', account: '123456789012', prefix: 'wine-shop' };

export const wineTopology = topology({
  queues: { mail: {}, audit: {} },
  exchanges: {
    events: { type: 'topic' },
    copies: { type: 'fanout', via: 'publisher' },
  },
  bindings: [
    { exchange: 'events', queue: 'mail', key: 'order.*.fr' },
    { exchange: 'copies', queue: 'mail' },
    { exchange: 'copies', queue: 'audit' },
  ],
});

export interface RigOptions extends Partial<Pick<AwsMessagingOptions, 'acknowledge' | 'runtime'>> {
  readonly declared?: Topology;
}

export async function brokerRig(answers: Answers = {}, options: RigOptions = {}) {
  const { runtime = systemRuntime, acknowledge = 'delete', declared = wineTopology } = options;
  const calls = scriptedCalls(answers);
  const { results } = await openMemory({ runtime });
  const payloads = s3Payloads({ calls, location, runtime });
  const { broker, admin } = openAwsMessaging({ location, calls, runtime, acknowledge, results, payloads });
  await broker.declare(declared);
  return { calls, broker, admin, results };
}

/** The URL of a queue of the rig. */
export function urlOf(name: string): string {
  return `https://sqs.eu-central-1.amazonaws.com/123456789012/wine-shop-${name}`;
}

export function deliveryWith(receipt: string, fields: Partial<Delivery> = {}): Delivery {
  return {
    queue: 'mail',
    receipt,
    messageId: `id of ${receipt}`,
    message: {
      headers: { id: receipt },
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      body: '[[],{},{}]',
      correlationId: receipt,
    },
    deliveryCount: 1,
    enqueuedAtMs: 0,
    ...fields,
  };
}
