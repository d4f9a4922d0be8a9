import { describe, expect, it } from '@jest/globals';
import { keptCatalogue } from '../../shared/shop/catalogue.ts';
import { seedProducts } from '../../shared/shop/seed.ts';
import type { Wine } from '../../shared/shop/wine.ts';

/** A catalogue over a store that counts how often it is read, and a clock that stands. */
function rig() {
  let nowMs = 0;
  let reads = 0;
  let answer: () => Promise<readonly Wine[]> = async () => seedProducts().wines;
  const wines = () => {
    reads++;
    return answer();
  };
  return {
    catalogue: keptCatalogue({ wines }, () => new Date(nowMs)),
    reads: () => reads,
    pass: (ms: number) => {
      nowMs += ms;
    },
    answerWith: (next: () => Promise<readonly Wine[]>) => {
      answer = next;
    },
  };
}

describe('the kept catalogue', () => {
  it('finds a wine by id, and nothing by names that objects have', async () => {
    const { wine } = await rig().catalogue();
    expect(wine('tavel-rose')?.name).toBe('Tavel Rosé');
    expect(wine('constructor')).toBeUndefined();
  });

  it('is read once a minute, however many ask at once', async () => {
    const { catalogue, reads, pass, answerWith } = rig();
    await Promise.all([catalogue(), catalogue()]);
    answerWith(async () => []);
    pass(59_999);
    expect((await catalogue()).wines).toHaveLength(28);
    expect(reads()).toBe(1);
    pass(1);
    expect((await catalogue()).wines).toEqual([]);
    expect(reads()).toBe(2);
  });

  it('is read again at once after a read that failed', async () => {
    const { catalogue, reads, answerWith } = rig();
    answerWith(() => Promise.reject(new Error('the table is away')));
    const both = await Promise.allSettled([catalogue(), catalogue()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    answerWith(async () => []);
    expect((await catalogue()).wines).toEqual([]);
    expect(reads()).toBe(2);
  });
});
