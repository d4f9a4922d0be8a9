import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonMembers, jsonParts } from '../../../shared/cellar/results/json-parts.ts';

describe('jsonParts', () => {
  it('gives the texts of items and members as they were written', () => {
    expect(jsonParts(' [1, "a,]\\"\\\\", [2, {"x": 3}], NaN, 9007199254740993] ')).toEqual([
      '1',
      '"a,]\\"\\\\"',
      '[2, {"x": 3}]',
      'NaN',
      '9007199254740993',
    ]);
    expect(jsonParts('[]')).toEqual([]);
    expect(jsonParts('{ }')).toEqual([]);
    expect([...jsonMembers('{"a": {"b": "}"}, "c\\u00e9\\"": -Infinity}')]).toEqual([
      ['a', '{"b": "}"}'],
      ['cé"', '-Infinity'],
    ]);
  });

  it('agrees with JSON.parse on whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1), (value, indent) => {
        const members = jsonMembers(JSON.stringify(value, undefined, indent));
        const read = [...members].map(([name, text]) => [name, JSON.parse(text)]);
        expect(read).toEqual(Object.entries(JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it.each(['', '42', '"text"', '[1', '{"a":1]', 'null'])('%j is refused', (text) => {
    expect(() => jsonParts(text)).toThrow(expect.objectContaining({ code: 'bad-message' }));
  });

  it.each(['{"a"}', '{a: 1}', '[1]'])('%j is no object', (text) => {
    expect(() => jsonMembers(text)).toThrow(expect.objectContaining({ code: 'bad-message' }));
  });
});
