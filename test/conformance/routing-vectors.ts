import { expect } from '@jest/globals';
import type { Broker } from '../../shared/cellar/broker.ts';
import { CellarError } from '../../shared/cellar/errors.ts';
import { type ExchangeType, type Topology, topology } from '../../shared/cellar/topology.ts';
import type { Topic } from './behaviour.ts';
import { routesExactly } from './conditions.ts';
import { copiesArrive, drain, message } from './deliveries.ts';
import type { Harness } from './harness.ts';
import { queuesOnly } from './topologies.ts';
import { type VectorSet, vectorsOf } from './vectors.ts';

const TYPES: readonly ExchangeType[] = ['direct', 'fanout', 'topic', 'headers'];

export const routingVectors: Topic = {
  name: 'routing by the vectors of other brokers',
  behaviours(it) {
    for (const type of TYPES) {
      it(`each ${type} exchange routes each message to the same queues as there`, {
        on: queuesOnly('q0'),
        needs: routesExactly,
        // Filters may let more through, which a worker then drops; and what they cannot say is refused.
        async lacks(harness) {
          const { arrived, sets } = await sentTo(harness, vectorsOf(type));
          for (const { exchange, cases } of sets)
            for (const { id, queues } of cases) {
              const found = arrived.get(id) ?? [];
              const needed: string[] = [];
              for (const queue of found)
                if (queues.includes(queue) || (await harness.backend.needsRecheck?.(exchange, queue)) !== true)
                  needed.push(queue);
              expect({ id, queues: needed }).toEqual({ id, queues });
            }
        },
      }, async (harness) => {
        const vectors = vectorsOf(type);
        const { arrived, sets } = await sentTo(harness, vectors);
        expect(sets).toHaveLength(vectors.length);
        for (const { id: origin, cases } of sets)
          for (const { id, routingKey, headers, queues } of cases)
            expect({ origin, routingKey, headers, queues: arrived.get(id) ?? [] }).toEqual({
              ...{ origin, routingKey, headers, queues },
            });
      });
    }
  },
};

/** Declares the sets that the broker can hold, sends all their cases, and tells which queues got which. */
async function sentTo(harness: Harness, vectors: readonly VectorSet[]) {
  const { broker } = harness.backend;
  const sets = await declareAll(broker, vectors);
  const messages = sets.flatMap(({ exchange, cases }) =>
    cases.map(({ id, routingKey, headers }) => message('', id, { exchange, routingKey, headers })),
  );
  for (const { status } of await broker.publish(messages)) expect(status).toBe('accepted');
  await copiesArrive(harness);
  const names = [...new Set(sets.flatMap(({ shop }) => Object.keys(shop.queues)))].toSorted();
  const contents = await Promise.all(names.map((queue) => drain(harness, queue)));
  const arrived = new Map<string, string[]>();
  names.forEach((queue, place) => {
    for (const id of contents[place] ?? []) arrived.set(id, [...(arrived.get(id) ?? []), queue]);
  });
  return { sets, arrived };
}

/** Declares the sets in one topology, without those that are refused by the name of their exchange. */
async function declareAll(broker: Broker, vectors: readonly VectorSet[]): Promise<readonly VectorSet[]> {
  const answer: unknown = await broker.declare(togetherOf(vectors)).catch((error) => error);
  if (answer === undefined) return vectors;
  if (!(answer instanceof CellarError && answer.code === 'bad-topology')) throw answer;
  const { problems } = answer;
  const left = vectors.filter(({ exchange }) => !problems.some((problem) => problem.includes(`'${exchange}'`)));
  expect(left.length).toBeLessThan(vectors.length);
  await broker.declare(togetherOf(left));
  return left;
}

function togetherOf(vectors: readonly VectorSet[]): Topology {
  const shops = vectors.map(({ shop }) => shop);
  return topology({
    exchanges: Object.assign({}, ...shops.map(({ exchanges }) => exchanges)),
    queues: Object.assign({}, ...shops.map(({ queues }) => queues)),
    bindings: shops.flatMap(({ bindings }) => bindings),
  });
}
