import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AwsCallError } from '../../../../shared/cellar/aws/calls.ts';
import { Batcher, type BatcherParts } from '../../../../shared/cellar/brokers/aws/batcher.ts';
import { manualClock, manualRuntime } from '../../../support/manual-clock.ts';

interface Entry {
  readonly text: string;
}
type Sent = Entry & { readonly Id: string };
type Request = BatcherParts<Entry>['request'];

const accepted: Request = async (entries) => ({ Successful: entries });

function rig(request: Request, maxBytes = 1_000) {
  const clock = manualClock();
  const requests: string[][] = [];
  const batcher = new Batcher<Entry>({
    runtime: manualRuntime(clock),
    maxBytes,
    request(entries) {
      requests.push(entries.map(({ text }) => text));
      return request(entries);
    },
  });
  const add = (text: string, group?: string, bytes = 10) =>
    batcher.add({ text }, { bytes, ...(group === undefined ? {} : { group }) });
  return { clock, requests, add };
}

const names = (count: number, of = 'm'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${of}${index}`);

describe('Batcher', () => {
  it('sends ten at once, and fewer after a millisecond', async () => {
    const { clock, requests, add } = rig(accepted);
    const all = Promise.all(names(13).map((name) => add(name)));
    expect(requests).toEqual([names(10)]);
    await clock.advance(1);
    expect(requests).toEqual([names(10), ['m10', 'm11', 'm12']]);
    expect(await all).toEqual(names(13).map(() => undefined));
  });

  it('sends no more bytes in one request than allowed', async () => {
    const { clock, requests, add } = rig(accepted, 100);
    const all = Promise.all([add('a', 'A', 60), add('b', 'B', 60), add('c', 'C', 30)]);
    await clock.advance(1);
    expect(requests).toEqual([['a'], ['b', 'c']]);
    await all;
  });

  it('has no group in two requests at a time, and lets other groups go', async () => {
    const gates: (() => void)[] = [];
    const gated: Request = (entries) => new Promise((resolve) => gates.push(() => resolve({ Successful: entries })));
    const { clock, requests, add } = rig(gated);
    const all = Promise.all([...names(12, 'a').map((name) => add(name, 'A')), add('b', 'B')]);
    await clock.advance(1);
    expect(requests).toEqual([names(10, 'a'), ['b']]);
    gates[0]?.();
    await clock.advance(1);
    expect(requests[2]).toEqual(['a10', 'a11']);
    for (const open of gates.slice(1)) open();
    await all;
  });

  it('sends again only what failed for a reason that passes, before what follows of its group', async () => {
    let fails = true;
    const flaky: Request = async (entries) => {
      const failed = entries.filter(({ text }) => fails && text === 'a1');
      fails = false;
      const Failed = failed.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false }));
      return { Successful: entries.filter((entry) => !failed.includes(entry)), Failed };
    };
    const { clock, requests, add } = rig(flaky);
    const first = ['a0', 'a1', 'b0'].map((name) => add(name, name.slice(0, 1)));
    await clock.advance(1);
    const later = add('a2', 'a');
    await clock.advance(500);
    expect(requests).toEqual([
      ['a0', 'a1', 'b0'],
      ['a1', 'a2'],
    ]);
    expect(await Promise.all([...first, later])).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('tells what the sender got wrong at once, and what does not pass within ten seconds', async () => {
    const answer: Request = async (entries) => ({
      Failed: entries.map(({ Id, text }) => ({ Id, Code: text, SenderFault: text === 'InvalidMessageContents' })),
    });
    const { clock, requests, add } = rig(answer);
    const both = Promise.all([add('InvalidMessageContents', 'A'), add('InternalError', 'B')]);
    await clock.advance(11_000);
    const [bad, unlucky] = await both;
    expect(bad).toMatchObject({ awsCode: 'InvalidMessageContents', isSenders: true });
    expect(unlucky).toMatchObject({ awsCode: 'InternalError', isSenders: false });
    expect(requests.filter((texts) => texts.includes('InvalidMessageContents'))).toHaveLength(1);
    expect(requests.length).toBeGreaterThan(10);
  });

  it('takes an entry that the answer does not name for one that failed', async () => {
    let answers = 0;
    const { clock, add, requests } = rig(async (entries) => (answers++ === 0 ? {} : { Successful: entries }));
    const sent = add('a', 'A');
    await clock.advance(500);
    expect(await sent).toBeUndefined();
    expect(requests).toEqual([['a'], ['a']]);
  });

  it('does not repeat a call that failed as a whole: that was done below', async () => {
    const down: Request = async () => {
      throw new AwsCallError('sqs:SendMessageBatch', { awsCode: 'ServiceUnavailable', message: 'busy', status: 503 });
    };
    const { clock, requests, add } = rig(down);
    const both = Promise.all([add('a', 'A'), add('b', 'B')]);
    await clock.advance(5_000);
    expect(await both).toMatchObject([{ awsCode: 'ServiceUnavailable' }, { awsCode: 'ServiceUnavailable' }]);
    expect(requests).toHaveLength(1);
  });

  it('keeps the order of every group and the limits of every request, whatever comes when', async () => {
    const arrivals = fc.array(
      fc.record({
        group: fc.constantFrom('A', 'B', 'C', undefined),
        bytes: fc.integer({ min: 1, max: 60 }),
        waitMs: fc.integer({ min: 0, max: 2 }),
      }),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 0, max: 5 }), async (some, latencyMs) => {
        const out = new Set<string>();
        const arrived: Sent[] = [];
        const { clock, add } = rig((entries) => {
          const groups = new Set(
            entries.map(({ text }) => text.split(':')[0] ?? '').filter((group) => group !== 'none'),
          );
          for (const group of groups) expect(out.has(group)).toBe(false);
          for (const group of groups) out.add(group);
          expect(entries.length).toBeLessThanOrEqual(10);
          const bytes = entries.map(({ text }) => Number(text.split(':')[2]));
          if (entries.length > 1) expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(100);
          return new Promise((resolve) => {
            clock.setTimer(latencyMs, () => {
              arrived.push(...entries);
              for (const group of groups) out.delete(group);
              resolve({ Successful: entries });
            });
          });
        }, 100);
        const all: Promise<unknown>[] = [];
        for (const [index, { group, bytes, waitMs }] of some.entries()) {
          all.push(add(`${group ?? 'none'}:${index}:${bytes}`, group, bytes));
          if (waitMs > 0) await clock.advance(waitMs);
        }
        await clock.advance(1_000);
        expect(await Promise.all(all)).toEqual(some.map(() => undefined));
        for (const group of ['A', 'B', 'C']) {
          const numbers = arrived
            .filter(({ text }) => text.startsWith(group))
            .map(({ text }) => Number(text.split(':')[1]));
          expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
        }
        expect(arrived).toHaveLength(some.length);
      }),
      { numRuns: 60 },
    );
  });
});
