import { describe, expect, it } from '@jest/globals';
import { withWideIntegers } from '../../../../shared/cellar/brokers/rabbitmq/wide-integers.ts';

const wide = (value: number) => ({ '!': 'int', value });

describe('integers in headers', () => {
  it.each([0, 1, 127, -128, 32_768, -32_769, 2 ** 40, 1.5, 300.5])('%d is sent as the library does', (value) => {
    const headers = { value };
    expect(withWideIntegers(headers)).toBe(headers);
  });

  it.each([128, 300, 32_767, -129, -32_768])('%d is sent with 32 bits', (value) => {
    expect(withWideIntegers({ value })).toEqual({ value: wide(value) });
  });

  it('are found in lists and tables, and all else stays', () => {
    const headers = {
      id: 'x',
      none: null,
      timelimit: [300, null],
      stamps: { a: { b: 200 } },
      bytes: Buffer.from([200]),
    };
    expect(withWideIntegers(headers)).toEqual({
      ...headers,
      timelimit: [wide(300), null],
      stamps: { a: { b: wide(200) } },
    });
  });
});
