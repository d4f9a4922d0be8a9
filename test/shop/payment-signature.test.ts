import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { signatureFault, signPayment } from '../../shared/shop/payment-signature.ts';

const body = '{"id":"evt_1"}';
const check = { secret: 'whsec_test', nowSeconds: 1_790_000_000 };

describe('signatureFault', () => {
  it('takes what the provider signs', () => {
    const digest = createHmac('sha256', 'whsec_test').update(`1790000000.${body}`).digest('hex');
    expect(signPayment(body, check)).toBe(`t=1790000000,v1=${digest}`);
    expect(signatureFault(`t=1790000000,v1=${digest}`, body, check)).toBeUndefined();
  });

  it('takes it when any of several v1 fits, beside other schemes', () => {
    const [time, digest] = signPayment(body, check).split(',');
    expect(signatureFault(`${time}, v1=${'0'.repeat(64)}, v0=abc, ${digest}`, body, check)).toBeUndefined();
  });

  it('takes it for 300 seconds, either way', () => {
    const header = signPayment(body, check);
    for (const drift of [-300, 0, 300]) {
      expect(signatureFault(header, body, { ...check, nowSeconds: check.nowSeconds + drift })).toBeUndefined();
    }
    for (const drift of [-301, 301]) {
      expect(signatureFault(header, body, { ...check, nowSeconds: check.nowSeconds + drift })).toMatch(/300 seconds/);
    }
  });

  it('refuses another body, another secret and another time', () => {
    const header = signPayment(body, check);
    expect(signatureFault(header, `${body} `, check)).toBe('The signature does not fit the body.');
    expect(signatureFault(header, body, { ...check, secret: 'other' })).toBe('The signature does not fit the body.');
    expect(signatureFault(header.replace('t=1790000000', 't=1790000001'), body, check)).toBe(
      'The signature does not fit the body.',
    );
  });

  it.each([
    undefined,
    '',
    't=1790000000',
    'v1=abc',
    'v1',
    't=now,v1=abc',
    't=1790000000,v1=abc',
    't=1790000000,v1=',
    ',,',
  ])('refuses the header %p', (header) => {
    expect(typeof signatureFault(header, body, check)).toBe('string');
  });
});
