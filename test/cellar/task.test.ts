import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { task } from '../../shared/cellar/task.ts';

const add = task('math.add', {
  params: { x: z.int(), y: z.int(), note: z.optional(z.string()) },
  queue: 'math',
  wireName: { note: 'remark' },
});

describe('task', () => {
  it('makes a signature with its arguments in wire order, whatever order they are given in', () => {
    expect(add({ y: 2, x: 1 })).toMatchObject({
      task: 'math.add',
      args: [1, 2],
      kwargs: {},
      options: { queue: 'math' },
      complete: true,
    });
  });

  it('leaves the front of a partial to what runs before it, as Celery’s .s() does', () => {
    expect(add.partial({ y: 2, note: 'n' })).toMatchObject({ args: [2, 'n'], kwargs: {}, complete: false });
    expect(add.partial({ x: 1, y: 2 })).toMatchObject({ args: [1, 2], complete: false });
  });

  it('names what comes after a hole by its wire name', () => {
    const holed = task('math.holed', {
      params: { x: z.int(), y: z.optional(z.int()), z: z.int() },
      wireName: { z: 'zed' },
    });
    expect(holed({ x: 1, z: 3 })).toMatchObject({ args: [1], kwargs: { zed: 3 } });
    expect(holed.partial({ z: 3 })).toMatchObject({ args: [], kwargs: { zed: 3 } });
  });

  it('is named after its task and goes to Celery’s default queue unless told otherwise', () => {
    expect([add.name, add.queue, task('t', { params: {} }).queue]).toEqual(['math.add', 'math', 'celery']);
  });

  it('refuses missing and unknown arguments of callers without types', () => {
    const loose: (args: never) => unknown = add;
    expect(() => loose({ x: 1 } as never)).toThrow(
      expect.objectContaining({ code: 'bad-arguments', message: 'task math.add is missing y' }),
    );
    expect(() => loose({ x: 1, y: 2, z: 3 } as never)).toThrow(/has no parameter z, allowed: x, y, note/);
    expect(() => add.partial({ x: 1 })).toThrow(/may leave only its first parameter free/);
  });

  it('reports every fault of a declaration at once', () => {
    expect(() =>
      task('a b', { params: {}, timeLimitSeconds: 1, softTimeLimitSeconds: 2, retry: { maxRetries: 1.5 } }),
    ).toThrow(expect.objectContaining({ code: 'bad-arguments', message: expect.stringContaining('3 problems') }));
  });
});
