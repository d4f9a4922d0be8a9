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

  it('names what comes after a hole by its wire name', () => {
    expect(add.partial({ y: 2, note: 'n' })).toMatchObject({
      args: [],
      kwargs: { y: 2, remark: 'n' },
      complete: false,
    });
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
