import { describe, expect, it } from '@jest/globals';
import { Tagged } from 'cellar';
import { argsRepr, kwargsRepr, repr } from '../../shared/cellar/celery/python-repr.ts';

describe('argsRepr', () => {
  it.each([
    [[], '()'],
    [[2], '(2,)'],
    [[2, 'a'], "(2, 'a')"],
    [[[1, null], { a: true }], "([1, None], {'a': True})"],
  ])('%j is %s', (args, text) => {
    expect(argsRepr(args)).toBe(text);
  });

  it('is cut at 1,024 characters, as Celery cuts it', () => {
    const text = argsRepr(['x'.repeat(2000)]);
    expect(text).toHaveLength(1024);
    expect(text.endsWith('xxx...')).toBe(true);
  });
});

describe('kwargsRepr', () => {
  it.each([
    [{}, '{}'],
    [{ x: 2, y: null }, "{'x': 2, 'y': None}"],
  ])('%j is %s', (kwargs, text) => {
    expect(kwargsRepr(kwargs)).toBe(text);
  });
});

describe('repr', () => {
  // The right sides are what Python 3 prints.
  it.each([
    ["it's", '"it\'s"'],
    ['say "it"', '\'say "it"\''],
    [`"it's"`, `'"it\\'s"'`],
    ['a\\b', "'a\\\\b'"],
    ['line\nnext\tcell\r', "'line\\nnext\\tcell\\r'"],
    ['\u0000\u001b\u007f\u0085', "'\\x00\\x1b\\x7f\\x85'"],
    ['größer 🍷', "'größer 🍷'"],
    [false, 'False'],
    [1.5, '1.5'],
    [2n ** 64n, '18446744073709551616'],
  ])('of %j is %s', (value, text) => {
    expect(repr(value)).toBe(text);
  });

  it.each([
    [
      new Date('2030-01-02T03:04:05.678Z'),
      'datetime.datetime(2030, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc)',
    ],
    [new Date('2030-01-02T03:04:05Z'), 'datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)'],
    [new Date(0), 'datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)'],
    [new Tagged('decimal', '12.50'), "Decimal('12.50')"],
    [new Tagged('uuid', '11111111-1111-4111-8111-111111111111'), "UUID('11111111-1111-4111-8111-111111111111')"],
    [new Tagged('date', '2030-01-02'), 'datetime.date(2030, 1, 2)'],
  ])('of %p is %s', (value, text) => {
    expect(repr(value)).toBe(text);
  });

  it('shows what has no short Python form without claiming one', () => {
    expect(repr(new Date(Number.NaN))).toBe('None');
    expect(repr(new Uint8Array(3))).toBe("b'3 bytes'");
    expect(repr(new Tagged('time', '03:04:05'))).toBe("'03:04:05'");
  });

  it('has an end for a value that contains itself', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(repr(circle)).toMatch(/^\[+\.\.\.\]+$/);
  });
});
