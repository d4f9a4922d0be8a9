import { describe, expect, it } from '@jest/globals';
import { nearest } from '../../shared/cellar/nearest.ts';

describe('nearest', () => {
  it.each([
    ['maill', 'mail'],
    ['mial', 'mail'],
    ['MAIL', 'mail'],
    ['invoces', 'invoices'],
    ['day_of_week', 'dayOfWeek'],
  ])('takes %s for %s', (name, meant) => {
    expect(nearest(name, ['invoices', 'mail', 'stock', 'dayOfWeek'])).toBe(meant);
  });

  it.each(['', 'x', 'shipping', 'nail-clipper'])('takes %p for nothing', (name) => {
    expect(nearest(name, ['invoices', 'mail', 'stock', 'y'])).toBeUndefined();
  });

  it('prefers the nearest, then the first, and never the name itself', () => {
    expect(nearest('order-mail', ['order-mial', 'ordermail', 'order-mail'])).toBe('order-mial');
    expect(nearest('mails', ['mailbox', 'mail'])).toBe('mail');
  });
});
