import { describe, expect, it } from '@jest/globals';
import { deferred } from '../../../shared/cellar/lambda/deferred.ts';

interface Shelf {
  readonly size: number;
  put(name: string, count: number): Promise<string>;
  take(name: string): Promise<string>;
}

function open() {
  let opened = 0;
  const shelf: Shelf = {
    size: 3,
    put: async (name, count) => `${count} ${name} on a shelf of ${shelf.size}`,
    take: async (name) => Promise.reject(new RangeError(`no ${name}`)),
  };
  const port = deferred<Shelf>()(async () => {
    opened++;
    return shelf;
  }, ['put', 'take']);
  return { port, opened: () => opened };
}

describe('a deferred port', () => {
  it('is opened by the first call, not before', async () => {
    const { port, opened } = open();
    expect(opened()).toBe(0);
    await port.put('chablis', 2);
    expect(opened()).toBe(1);
  });

  it('hands on arguments, answers and faults', async () => {
    const { port } = open();
    expect(await port.put('chablis', 2)).toBe('2 chablis on a shelf of 3');
    await expect(port.take('merlot')).rejects.toThrow(new RangeError('no merlot'));
  });

  it('refuses a call where there is no such port', async () => {
    const port = deferred<Shelf>()(async () => undefined, ['put']);
    await expect(port.put('chablis', 1)).rejects.toMatchObject({ code: 'not-supported' });
  });
});
