import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exponentialBackoff, mayRetry, retryDelaySeconds } from '../../shared/cellar/retry-policy.ts';

interface Vectors {
  readonly no_jitter: readonly {
    readonly retry_backoff: number | boolean;
    readonly countdowns: readonly (number | null)[];
  }[];
  readonly function: readonly {
    readonly factor: number;
    readonly retries: number;
    readonly maximum: number;
    readonly jitter: boolean;
    readonly expect?: number;
    readonly expect_range?: readonly [number, number];
  }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../vectors/schedule.json', import.meta.url), 'utf8'),
).autoretry_backoff;
const never = (): number => {
  throw new Error('no chance wanted');
};

describe('retryDelaySeconds', () => {
  it.each(vectors.no_jitter)(
    'gives Celery’s countdowns for retry_backoff=$retry_backoff',
    ({ retry_backoff: backoff, countdowns }) => {
      // False and 0 mean no exponential backoff: the default retry delay counts.
      const policy =
        backoff === false || backoff === 0
          ? {}
          : { backoff: 'exponential' as const, factor: Number(backoff), jitter: false };
      const ours = countdowns.map((_, retries) => retryDelaySeconds(policy, retries, never));
      expect(ours).toEqual(countdowns.map((countdown) => countdown ?? 180));
    },
  );

  it('draws a whole number from 0 to the delay with jitter, which is the default of an exponential backoff', () => {
    const policy = { backoff: 'exponential', factor: 4 } as const;
    expect(retryDelaySeconds(policy, 3, () => 0)).toBe(0);
    expect(retryDelaySeconds(policy, 3, () => 0.999_999)).toBe(32);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (retries, chance) => {
          const delay = retryDelaySeconds(policy, retries, () => chance);
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(600);
        },
      ),
    );
  });
});

describe('exponentialBackoff', () => {
  it.each(vectors.function)(
    'factor $factor, $retries retries, at most $maximum, jitter $jitter',
    ({ jitter, expect: exact, expect_range: range, ...given }) => {
      if (!jitter) return expect(exponentialBackoff(given)).toBe(exact);
      for (const chance of [0, 0.5, 0.999_999]) {
        const delay = exponentialBackoff({ ...given, random: () => chance });
        expect(delay).toBeGreaterThanOrEqual(range?.[0] ?? Number.NaN);
        expect(delay).toBeLessThanOrEqual(range?.[1] ?? Number.NaN);
      }
      return undefined;
    },
  );
});

describe('mayRetry', () => {
  it('allows three by default, as many as asked, or all', () => {
    expect([0, 2, 3].map((retries) => mayRetry(undefined, retries))).toEqual([true, true, false]);
    expect([0, 1].map((retries) => mayRetry(1, retries))).toEqual([true, false]);
    expect(mayRetry(0, 0)).toBe(false);
    expect(mayRetry(null, 1_000_000)).toBe(true);
  });
});
