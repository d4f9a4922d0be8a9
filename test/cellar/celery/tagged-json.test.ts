import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeJson, encodeJson, Tagged } from '../../../shared/cellar/celery/tagged-json.ts';

describe('encodeJson', () => {
  it('writes the tagged types as kombu does', () => {
    expect(JSON.parse(encodeJson(new Date('2030-01-02T03:04:05.678Z')))).toEqual({
      __type__: 'datetime',
      __value__: '2030-01-02T03:04:05.678+00:00',
    });
    expect(JSON.parse(encodeJson(new Tagged('decimal', '1.10')))).toEqual({ __type__: 'decimal', __value__: '1.10' });
    expect(JSON.parse(encodeJson(new Tagged('uuid', '12345678-1234-5678-1234-567812345678')))).toEqual({
      __type__: 'uuid',
      __value__: { hex: '12345678123456781234567812345678' },
    });
    expect(JSON.parse(encodeJson(new TextEncoder().encode('é')))).toEqual({ __type__: 'bytes', __value__: 'é' });
    expect(JSON.parse(encodeJson(Uint8Array.of(255, 0)))).toEqual({ __type__: 'base64', __value__: '/wA=' });
  });

  it('keeps integers beyond 2^53 exact as bigint', () => {
    expect(encodeJson({ n: 12345678901234567890n })).toBe('{"n":12345678901234567890}');
    expect(decodeJson('{"n":12345678901234567890,"m":-9007199254740993,"f":1.5,"s":"12345678901234567890"}')).toEqual({
      n: 12345678901234567890n,
      m: -9007199254740993n,
      f: 1.5,
      s: '12345678901234567890',
    });
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  it.each([
    ['NaN', { a: [Number.NaN] }, /a\[0\] is NaN/],
    ['Infinity', Number.POSITIVE_INFINITY, /is Infinity/],
    ['an unsafe integer', 2 ** 53, /beyond 2\^53/],
    ['undefined in a list', [undefined], /\[0\] is a undefined/],
    ['a function', { f: () => 1 }, /f is a function/],
    ['a Map', new Map(), /an instance of Map/],
    ['an invalid date', new Date('x'), /an invalid date/],
    ['a lookalike of a tag', { __type__: 'x', __value__: 1 }, /__type__ and __value__/],
    ['a cycle', cycle, /cycle/],
  ])('refuses %s, naming the place', (_name, value, message) => {
    expect(() => encodeJson(value)).toThrow(
      expect.objectContaining({ code: 'bad-value', message: expect.stringMatching(message) }),
    );
  });

  it('carries any JSON value unchanged, there and back', () => {
    const anyDate = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') });
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.integer(),
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
        anyDate,
        tie('list'),
        tie('record'),
      ),
      list: fc.array(tie('value'), { maxLength: 4 }),
      record: fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys: 4 },
      ),
    })).value;
    fc.assert(
      fc.property(value, (original) => expect(decodeJson(encodeJson(original))).toEqual(original)),
      { numRuns: 300 },
    );
  });
});

describe('decodeJson', () => {
  it.each([
    ['an unknown type', '{"__type__":"complex","__value__":"1j"}', /unknown tagged type "complex"/],
    ['a datetime that is none', '{"__type__":"datetime","__value__":"yesterday"}', /no ISO 8601/],
    ['bare NaN', '[NaN]', /not JSON/],
    ['broken text', '{', /not JSON/],
  ])('refuses %s', (_name, text, message) => {
    expect(() => decodeJson(text)).toThrow(
      expect.objectContaining({ code: 'bad-message', message: expect.stringMatching(message) }),
    );
  });

  it('reads a naive datetime as UTC', () => {
    expect(decodeJson('{"__type__":"datetime","__value__":"2030-01-02T03:04:05"}')).toEqual(
      new Date('2030-01-02T03:04:05Z'),
    );
  });

  it('leaves an object with more than the two keys alone', () => {
    expect(decodeJson('{"__type__":"x","__value__":1,"more":2}')).toEqual({ __type__: 'x', __value__: 1, more: 2 });
  });
});
