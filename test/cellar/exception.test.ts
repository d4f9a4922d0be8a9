import { describe, expect, it } from '@jest/globals';
import { encodeException, errorOfStored, NamedException, TaskException } from '../../shared/cellar/exception.ts';

const stored = (error: unknown): unknown => JSON.parse(encodeException(error));

describe('an exception in JSON', () => {
  it.each([
    [new RangeError('far'), ['RangeError', ['far'], 'javascript']],
    [new TypeError('no'), ['TypeError', ['no'], 'builtins']],
    [Object.assign(new Error('x'), { name: 'not a name' }), ['Error', ['x'], 'javascript']],
    ['thrown text', ['Error', ['thrown text'], 'javascript']],
    [Object.create(null), ['Error', ['a thrown value that has no text'], 'javascript']],
    [new NamedException('TimeLimitExceeded', 'late', [5]), ['TimeLimitExceeded', [5], 'billiard.exceptions']],
    [new TaskException('Outer.Inner', ['a', 1, null], 'shop.errors'), ['Outer.Inner', ['a', 1, null], 'shop.errors']],
    [new TaskException('Oops', []), ['Oops', [], 'javascript']],
  ])('%p', (error, [type, args, module]) => {
    expect(stored(error)).toEqual({ exc_type: type, exc_message: args, exc_module: module });
  });

  it('an argument that JSON cannot carry is stored as text', () => {
    const error = new TaskException('Odd', [Number.NaN, Symbol('s'), new Map(), 2n ** 60n]);
    expect(error.message).toBe('NaN, Symbol(s), [object Map], 1152921504606846976');
    expect(encodeException(error)).toContain('["NaN","Symbol(s)","[object Map]",1152921504606846976]');
  });
});

describe('the error for who waits', () => {
  it('has the stored exception as its cause', () => {
    const error = errorOfStored('FAILURE', {
      exc_type: 'KeyError',
      exc_message: ['k', { a: 1 }],
      exc_module: 'builtins',
    });
    expect(error).toMatchObject({ code: 'task-failed', message: 'KeyError: k, {"a":1}' });
    expect(error.cause).toBeInstanceOf(TaskException);
    expect(error.cause).toMatchObject({ name: 'KeyError', module: 'builtins', arguments: ['k', { a: 1 }] });
  });

  it.each([
    [
      'REVOKED',
      { exc_type: 'TaskRevokedError', exc_message: ['expired'] },
      'task-revoked',
      'TaskRevokedError: expired',
    ],
    ['FAILURE', { exc_type: 'Old', exc_message: 'just text' }, 'task-failed', 'Old: just text'],
    ['FAILURE', { exc_type: 'Bare' }, 'task-failed', 'Bare: no message stored'],
    ['FAILURE', null, 'task-failed', 'FAILURE: no message stored'],
    ['FAILURE', 'text', 'task-failed', 'FAILURE: no message stored'],
  ])('%s with %j', (state, value, code, message) => {
    expect(errorOfStored(state, value)).toMatchObject({ code, message });
  });
});
