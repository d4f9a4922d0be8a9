import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OutgoingMessage, Settlement } from '../../../shared/cellar/broker.ts';
import { type SettleSteps, settleInOrder } from '../../../shared/cellar/brokers/settle-in-order.ts';
import { message, result } from '../../conformance/deliveries.ts';

interface Task {
  readonly children: number;
  readonly kind: 'once' | 'plain' | 'resultless';
}

/** What a run of the task wants: a task marked `once` saves what it publishes in its result. */
function settlementOf({ children, kind }: Task, name: string): Settlement {
  const publish = Array.from({ length: children }, (_, index) => message('next', `${name}.${index}`));
  const outbox = kind === 'once' && children > 0 ? { outbox: publish } : {};
  return {
    delivery: { queue: 'mail', receipt: name, message: message('mail', name), deliveryCount: 1, enqueuedAtMs: 0 },
    publish,
    ...(kind === 'resultless' ? {} : { result: result(name, 'SUCCESS', outbox) }),
    disposition: { kind: 'ack' },
  };
}

/** A broker and a store whose process dies after so many effects: what comes after never happens, and nobody hears of it. */
function worldThatDies(effects: string[], lifetime: number) {
  let left = lifetime;
  const dead = Promise.withResolvers<'dead'>();
  const never = new Promise<never>(() => undefined);
  async function effect(text: string): Promise<void> {
    if (left === 0) {
      dead.resolve('dead');
      await never;
    }
    left--;
    effects.push(text);
    await Promise.resolve();
  }
  const steps: SettleSteps = {
    async publish(messages) {
      for (const { correlationId } of messages) await effect(`publish ${correlationId}`);
      return messages.map(() => ({ status: 'accepted', queues: [] }));
    },
    store: ({ id }) => effect(`store ${id}`),
    async finish(settlements) {
      for (const { delivery } of settlements) await effect(`finish ${delivery.receipt}`);
      return settlements.map(() => ({ status: 'settled' }));
    },
  };
  return { steps, dead: dead.promise };
}

const tasks = fc.array(
  fc.record({
    children: fc.nat(3),
    kind: fc.constantFrom<Task['kind']>('once', 'plain', 'resultless'),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('settling in order', () => {
  it('loses no step wherever the process dies, and publishes nothing of a task marked once that is not saved', async () => {
    await fc.assert(
      fc.asyncProperty(tasks, fc.array(fc.nat(12), { maxLength: 6 }), async (all, lifetimes) => {
        const settlements = all.map((task, index) => settlementOf(task, `${index}`));
        const effects: string[] = [];
        let waiting = settlements;
        for (const lifetime of [...lifetimes, Number.POSITIVE_INFINITY]) {
          const world = worldThatDies(effects, lifetime);
          await Promise.race([settleInOrder(waiting, world.steps), world.dead]);
          waiting = waiting.filter(({ delivery }) => !effects.includes(`finish ${delivery.receipt}`));
        }
        expect(waiting).toEqual([]);
        for (const { delivery, publish, result: update } of settlements) {
          const at = (step: string) => effects.indexOf(step);
          const published = publish.map(({ correlationId }) => at(`publish ${correlationId}`));
          const finished = at(`finish ${delivery.receipt}`);
          const stored = update === undefined ? [] : [at(`store ${update.id}`)];
          expect(Math.min(...published, ...stored, finished)).toBeGreaterThanOrEqual(0);
          expect(Math.max(-1, ...published, ...stored)).toBeLessThan(finished);
          const [first = -1] = stored;
          if (update?.outbox !== undefined) expect(first).toBeLessThan(Math.min(...published));
          else if (update !== undefined) expect(Math.max(-1, ...published)).toBeLessThan(first);
        }
      }),
      { numRuns: 500 },
    );
  });

  describe('where a step fails', () => {
    const names = ['a', 'b', 'c', 'd'];
    const kinds = { a: 'once', b: 'plain', c: 'plain', d: 'once' } as const;
    const settlements = Object.entries(kinds).map(([name, kind]) => settlementOf({ children: 2, kind }, name));
    const refused = { status: 'refused', code: 'unroutable', reason: 'nobody wants it' } as const;

    /** Steps in which those of these names fail; what was done. */
    function failing(faults: { readonly store?: string; readonly publish?: string; readonly finish?: string }) {
      const done: string[] = [];
      const steps: SettleSteps = {
        async publish(messages: readonly OutgoingMessage[]) {
          done.push(...messages.map(({ correlationId }) => `publish ${correlationId}`));
          return messages.map(({ correlationId }) =>
            correlationId === faults.publish ? refused : { status: 'accepted', queues: [] },
          );
        },
        async store({ id }) {
          if (id === faults.store) throw new Error('the store is away');
          done.push(`store ${id}`);
        },
        async finish(some) {
          done.push(...some.map(({ delivery }) => `finish ${delivery.receipt}`));
          return some.map(({ delivery }) => ({ status: delivery.receipt === faults.finish ? 'stale' : 'settled' }));
        },
      };
      return { done, steps };
    }

    it.each([
      ['its store', { store: 'a' }, 'its result was not stored: Error: the store is away', false],
      ['its store', { store: 'b' }, 'its result was not stored: Error: the store is away', true],
      ['one of its messages', { publish: 'c.1' }, 'a message to publish was refused: nobody wants it', true],
      ['one of its messages', { publish: 'd.0' }, 'a message to publish was refused: nobody wants it', true],
    ])('a settlement fails with %s (%j), and the others take effect', async (_what, faults, reason, isPublished) => {
      const { steps, done } = failing(faults);
      const name = Object.values(faults)[0]?.charAt(0) ?? '';
      const outcomes = await settleInOrder(settlements, steps);
      expect(outcomes).toEqual(
        names.map((each) => (each === name ? { status: 'failed', reason } : { status: 'settled' })),
      );
      expect(done.filter((step) => step.startsWith('finish'))).toEqual(
        names.filter((each) => each !== name).map((each) => `finish ${each}`),
      );
      expect(done.includes(`publish ${name}.0`)).toBe(isPublished);
    });

    it('publishes what several settlements publish in one call, in their order', async () => {
      const { steps, done } = failing({});
      let calls = 0;
      const publish: SettleSteps['publish'] = (messages) => {
        calls++;
        return steps.publish(messages);
      };
      await settleInOrder(settlements, { ...steps, publish });
      expect(calls).toBe(1);
      expect(done.filter((step) => step.startsWith('publish'))).toEqual(
        names.flatMap((name) => [`publish ${name}.0`, `publish ${name}.1`]),
      );
    });

    it('tells what became of each at its end, in the order given', async () => {
      const { steps } = failing({ store: 'b', finish: 'c' });
      const statuses = (await settleInOrder(settlements, steps)).map(({ status }) => status);
      expect(statuses).toEqual(['settled', 'failed', 'stale', 'settled']);
    });

    it('fails those that publish when publishing fails as a whole', async () => {
      const { steps } = failing({});
      const quiet = settlementOf({ children: 0, kind: 'plain' }, 'quiet');
      const publish = () => Promise.reject(new Error('the broker is away'));
      const [loud, silent] = await settleInOrder([...settlements.slice(0, 1), quiet], { ...steps, publish });
      expect(loud).toEqual({ status: 'failed', reason: 'a message to publish was refused: Error: the broker is away' });
      expect(silent).toEqual({ status: 'settled' });
    });
  });
});
