import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChordStore } from '../../shared/cellar/chord-store.ts';
import { type Harness, type OpenHarness, on } from './harness.ts';
import { queuesOnly } from './topologies.ts';

const DAY_MS = 86_400_000;

/** For stores that count chords. */
export function chords(open: OpenHarness): void {
  const withChords = (test: (chords: ChordStore, harness: Harness) => Promise<void>) =>
    on(open, queuesOnly('mail'), async (harness) => {
      const { chords } = harness.backend;
      if (chords === undefined) throw new Error('this backend counts no chords');
      await test(chords, harness);
    });

  describe('chords', () => {
    it(
      'a chord is complete when its last part has ended, in whatever order',
      withChords(async (chords) => {
        await chords.open('c', 3);
        expect(await chords.ended('c', 2)).toBe('pending');
        expect(await chords.ended('c', 0)).toBe('pending');
        expect(await chords.ended('c', 1)).toBe('complete');
      }),
    );

    it(
      'a part that ends twice counts once, and hears again that the chord is complete',
      withChords(async (chords) => {
        await chords.open('c', 2);
        expect(await chords.ended('c', 0)).toBe('pending');
        expect(await chords.ended('c', 0)).toBe('pending');
        expect(await chords.ended('c', 1)).toBe('complete');
        expect(await chords.ended('c', 0)).toBe('complete');
      }),
    );

    it(
      'a chord that is opened again stays as it is; another is another; an unknown one is said to be so',
      withChords(async (chords) => {
        await chords.open('c', 2);
        await chords.open('d', 1);
        expect(await chords.ended('c', 0)).toBe('pending');
        await chords.open('c', 2);
        expect(await chords.ended('c', 1)).toBe('complete');
        expect(await chords.ended('d', 0)).toBe('complete');
        expect(await chords.ended('e', 0)).toBe('unknown');
      }),
    );

    it(
      'a large chord whose parts end at once is complete for one of them, or for more, never for none',
      withChords(async (chords) => {
        const size = 600;
        await chords.open('c', size);
        const parts = Array.from({ length: size }, (_, part) => part);
        const states = await Promise.all(parts.map((part) => chords.ended('c', part)));
        expect(states.filter((state) => state === 'complete').length).toBeGreaterThan(0);
        expect(new Set(states)).toEqual(new Set(['pending', 'complete']));
      }),
    );

    it(
      'it is complete exactly when every part has ended, however they end and repeat',
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
              expect(await chords.ended(id, part)).toBe(done.size === size ? 'complete' : 'pending');
            }
          }),
          { numRuns: 25 },
        );
      }),
    );

    it(
      'a chord is kept as long as a queue may keep its parts',
      withChords(async (chords, harness) => {
        if (harness.longestPassMs < 29 * DAY_MS) return;
        await chords.open('c', 1);
        await harness.passMs(29 * DAY_MS);
        expect(await chords.ended('c', 0)).toBe('complete');
      }),
    );
  });
}
