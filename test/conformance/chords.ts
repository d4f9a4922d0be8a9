import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { ChordPart, ChordProgress, ChordStore } from '../../shared/cellar/chord-store.ts';
import { chordPartId } from '../../shared/cellar/ids.ts';
import type { Conditions, Test, Topic } from './behaviour.ts';
import { both, countsChords, movesTime } from './conditions.ts';
import { result } from './deliveries.ts';
import type { Harness } from './harness.ts';
import { queuesOnly } from './topologies.ts';

const DAY_MS = 86_400_000;
const PENDING = { kind: 'pending' };
const UNKNOWN = { kind: 'unknown' };

/** Chords of one backend whose parts end as a worker ends them: the result is stored first. */
interface Chords extends Pick<ChordStore, 'open' | 'forget'> {
  end(chordId: string, index: number, fields?: Partial<ChordPart>): Promise<ChordProgress>;
}

function partOf(chordId: string, index: number, fields: Partial<ChordPart> = {}): ChordPart {
  return { index, taskId: chordPartId(chordId, index), state: 'SUCCESS', result: `${index * 10}`, ...fields };
}

function chordsOf({ backend }: Harness): Chords {
  const { chords, results } = backend;
  if (chords === undefined) throw new Error('this backend counts no chords');
  return {
    open: (chordId, size) => chords.open(chordId, size),
    forget: (chordId) => chords.forget(chordId),
    async end(chordId, index, fields) {
      const part = partOf(chordId, index, fields);
      await results.store([result(part.taskId, part.state, { result: part.result, groupId: chordId })]);
      return await chords.ended(chordId, part);
    },
  };
}

function complete(chordId: string, size: number): ChordProgress {
  return { kind: 'complete', parts: Array.from({ length: size }, (_, index) => partOf(chordId, index)) };
}

const counted: Conditions = {
  on: queuesOnly('mail'),
  needs: countsChords,
  lacks: { shownBy: 'a chord runs its body with the results of its header' },
};

const withChords =
  (test: (chords: Chords, harness: Harness) => Promise<void>): Test =>
  (harness) =>
    test(chordsOf(harness), harness);

export const chords: Topic = {
  name: 'chords',
  behaviours(it) {
    it(
      'a chord is complete when its last part has ended, in whatever order, with its parts in the order of the header',
      counted,
      withChords(async (chords) => {
        await chords.open('c', 3);
        expect(await chords.end('c', 2)).toEqual(PENDING);
        expect(await chords.end('c', 0)).toEqual(PENDING);
        expect(await chords.end('c', 1)).toEqual(complete('c', 3));
      }),
    );

    it(
      'a part has the id that its task had, its state, and its result to the letter',
      counted,
      withChords(async (chords) => {
        const failed = { taskId: 'mine', state: 'FAILURE', result: '{"exc_type":"ValueError","exc_message":["no"]}' };
        const large = { result: '[9007199254740993,1.0,"é\\u0000"]' };
        await chords.open('c', 2);
        await chords.end('c', 1, failed);
        expect(await chords.end('c', 0, large)).toEqual({
          kind: 'complete',
          parts: [partOf('c', 0, large), partOf('c', 1, failed)],
        });
      }),
    );

    it(
      'a part that ends twice counts once, and hears again that the chord is complete',
      counted,
      withChords(async (chords) => {
        await chords.open('c', 2);
        expect(await chords.end('c', 0)).toEqual(PENDING);
        expect(await chords.end('c', 0)).toEqual(PENDING);
        expect(await chords.end('c', 1)).toEqual(complete('c', 2));
        expect(await chords.end('c', 0)).toEqual(complete('c', 2));
      }),
    );

    it(
      'a part that failed and succeeds when it is run again has succeeded, not the other way round',
      counted,
      withChords(async (chords) => {
        await chords.open('c', 2);
        await chords.end('c', 0, { state: 'FAILURE' });
        await chords.end('c', 0);
        await chords.end('c', 0, { state: 'FAILURE' });
        expect(await chords.end('c', 1)).toEqual(complete('c', 2));
      }),
    );

    it(
      'a chord that is opened again stays as it is; another is another; an unknown one is said to be so',
      counted,
      withChords(async (chords) => {
        await chords.open('c', 2);
        await chords.open('d', 1);
        expect(await chords.end('c', 0)).toEqual(PENDING);
        await chords.open('c', 2);
        expect(await chords.end('c', 1)).toEqual(complete('c', 2));
        expect(await chords.end('d', 0)).toEqual(complete('d', 1));
        expect(await chords.end('e', 0)).toEqual(UNKNOWN);
      }),
    );

    it(
      'a chord that is forgotten is unknown to its parts; to forget what is unknown is no fault',
      counted,
      withChords(async (chords) => {
        await chords.open('c', 1);
        expect(await chords.end('c', 0)).toEqual(complete('c', 1));
        await chords.forget('c');
        await chords.forget('never');
        expect(await chords.end('c', 0)).toEqual(UNKNOWN);
        expect(await chords.end('never', 0)).toEqual(UNKNOWN);
      }),
    );

    it(
      'a large chord whose parts end at once is complete for one of them, or for more, never for none',
      counted,
      withChords(async (chords) => {
        const size = 600;
        await chords.open('c', size);
        const parts = Array.from({ length: size }, (_, part) => part);
        const heard = await Promise.all(parts.map((part) => chords.end('c', part)));
        expect(new Set(heard.map(({ kind }) => kind))).toEqual(new Set(['pending', 'complete']));
        expect(heard.find(({ kind }) => kind === 'complete')).toEqual(complete('c', size));
      }),
    );

    it(
      'it is complete exactly when every part has ended, however they end and repeat',
      counted,
      withChords(async (chords) => {
        let opened = 0;
        const runs = fc
          .integer({ min: 1, max: 5 })
          .chain((size) => fc.tuple(fc.constant(size), fc.array(fc.nat(size - 1), { maxLength: 12 })));
        await fc.assert(
          fc.asyncProperty(runs, async ([size, ends]) => {
            const id = `chord-${opened++}`;
            await chords.open(id, size);
            const done = new Set<number>();
            for (const part of ends) {
              done.add(part);
              expect(await chords.end(id, part)).toEqual(done.size === size ? complete(id, size) : PENDING);
            }
          }),
          { numRuns: 25 },
        );
      }),
    );

    it(
      'a chord is kept as long as a queue may keep its parts',
      { ...counted, needs: both(countsChords, movesTime) },
      withChords(async (chords, harness) => {
        await chords.open('c', 1);
        await harness.passMs(29 * DAY_MS);
        expect(await chords.end('c', 0)).toEqual(complete('c', 1));
      }),
    );
  },
};
