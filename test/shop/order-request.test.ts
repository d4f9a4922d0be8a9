import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_QUANTITY, parseOrderRequest } from '../../shared/shop/order-request.ts';

const customer = {
  firstName: 'Ana',
  lastName: 'Silva',
  email: 'ana@example.com',
  address: '1 Rue des Vignes',
  postalCode: '21200',
  city: 'Beaune',
};
const good = { customer, items: [{ wineId: 'tavel-rose', quantity: 1 }] };

function fieldsOf(body: unknown): Readonly<Record<string, string>> {
  const outcome = parseOrderRequest(body);
  return 'fields' in outcome ? outcome.fields : {};
}

describe('parseOrderRequest', () => {
  it('takes a good request, trimmed', () => {
    const body = { ...good, customer: { ...customer, firstName: '  Ana ' }, couponCode: ' welcome10' };
    expect(parseOrderRequest(body)).toEqual({ request: { ...good, couponCode: 'welcome10' } });
  });

  it.each([0, -1, 1.5, 1e9, '2', null, true, [], {}, undefined])('refuses the quantity %p', (quantity) => {
    expect(fieldsOf({ ...good, items: [{ wineId: 'tavel-rose', quantity }] })).toEqual({
      'items.0.quantity': `Quantity must be a whole number from 1 to ${MAX_QUANTITY}.`,
    });
  });

  it.each([null, 1, 'text', [], true])('refuses the body %p', (body) => {
    expect(Object.keys(fieldsOf(body))).toEqual(['body']);
  });

  it.each([
    'ana',
    'ana@',
    '@example.com',
    'a b@example.com',
    'ana@example.com\nBcc: all@example.com',
    'ana@example.com\r\n',
    'ana@example.com, bob@example.com',
    `${'a'.repeat(250)}@example.com`,
    7,
  ])('refuses the e-mail %p', (email) => {
    expect(Object.keys(fieldsOf({ ...good, customer: { ...customer, email } }))).toEqual(['customer.email']);
  });

  it.each(['', '   ', 'a\nb', 'a\u0000b', 'a\u2028b', '\ud800', 'x'.repeat(51), 5, null])(
    'refuses the first name %p',
    (firstName) => {
      expect(fieldsOf({ ...good, customer: { ...customer, firstName } })).toEqual({
        'customer.firstName': 'First name must be 1 to 50 characters on one line.',
      });
    },
  );

  it('names unknown keys', () => {
    expect(fieldsOf({ ...good, admin: true })).toEqual({ body: 'This key is not known: "admin".' });
    expect(fieldsOf({ ...good, customer: { ...customer, isAdmin: true } })).toEqual({
      customer: 'This key is not known: "isAdmin".',
    });
    expect(fieldsOf({ ...good, items: [{ wineId: 'a', quantity: 1, priceCents: 1 }] })).toEqual({
      'items.0': 'This key is not known: "priceCents".',
    });
  });

  it('refuses empty items, too many, and the same wine twice', () => {
    const many = Array.from({ length: 51 }, (_, index) => ({ wineId: `wine-${index}`, quantity: 1 }));
    expect(Object.keys(fieldsOf({ ...good, items: [] }))).toEqual(['items']);
    expect(Object.keys(fieldsOf({ ...good, items: many }))).toEqual(['items']);
    expect(Object.keys(fieldsOf({ ...good, items: [...good.items, ...good.items] }))).toEqual(['items.1.wineId']);
  });

  it('reports all fields at once', () => {
    expect(Object.keys(fieldsOf({ customer: {}, items: [{ quantity: 0 }] })).sort()).toEqual([
      'customer.address',
      'customer.city',
      'customer.email',
      'customer.firstName',
      'customer.lastName',
      'customer.postalCode',
      'items.0.quantity',
      'items.0.wineId',
    ]);
  });

  it('answers any JSON value without throwing, and takes only whole quantities in range', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ customer: fc.jsonValue(), items: fc.jsonValue() })), (body) => {
        expect(Object.keys(fieldsOf(body)).length).toBeGreaterThan(0);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double()), (quantity) => {
        const taken = 'request' in parseOrderRequest({ ...good, items: [{ wineId: 'tavel-rose', quantity }] });
        expect(taken).toBe(Number.isInteger(quantity) && quantity >= 1 && quantity <= MAX_QUANTITY);
      }),
    );
  });
});
