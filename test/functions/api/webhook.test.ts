import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { signPayment } from '../../../shared/shop/payment-signature.ts';
import { openTestShop, orderRequest, SECRET, type TestShop } from '../shop-harness.ts';

let shop: TestShop;

beforeEach(async () => {
  shop = await openTestShop();
  await shop.request('POST', '/api/orders', orderRequest('k1'));
});
afterEach(() => shop.close());

const nowSeconds = () => Math.floor(Date.now() / 1000);

function event(changes: object = {}, type = 'checkout.session.completed'): string {
  const session = { id: 'cs_1', mode: 'payment', payment_status: 'paid', client_reference_id: '1', ...changes };
  return JSON.stringify({ id: 'evt_1', type, data: { object: session } });
}

function post(body: string, signature = signPayment(body, { secret: SECRET, nowSeconds: nowSeconds() })) {
  return shop.request('POST', '/api/payments/webhook', { headers: { 'stripe-signature': signature }, body });
}

const statusOfOrder = async () => (await shop.request('GET', '/api/orders/1')).body.status;

describe('POST /api/payments/webhook', () => {
  it('marks the order paid and tells mail, invoices and recommender', async () => {
    const before = await shop.waiting('mail');
    expect((await post(event())).status).toBe(200);
    expect(await statusOfOrder()).toBe('paid');
    expect(await shop.waiting('mail')).toBe(before + 1);
    expect(await shop.waiting('invoices')).toBe(1);
    expect(await shop.waiting('recommender')).toBe(1);
  });

  it('has no second effect when it comes again, nor with another id', async () => {
    await post(event());
    expect((await post(event())).status).toBe(200);
    expect((await post(event({ id: 'cs_2' }))).status).toBe(200);
    expect(await shop.waiting('invoices')).toBe(1);
    expect(await shop.waiting('recommender')).toBe(1);
  });

  it('has one effect when it comes ten times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(event())));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await shop.waiting('invoices')).toBe(1);
  });

  it.each([
    ['no signature', ''],
    ['a signature in another form', 'nonsense'],
    ['a wrong signature', `t=${nowSeconds()},v1=${'0'.repeat(64)}`],
    ['an old signature', signPayment(event(), { secret: SECRET, nowSeconds: nowSeconds() - 301 })],
    ['the signature of another secret', signPayment(event(), { secret: 'other', nowSeconds: nowSeconds() })],
  ])('refuses %s with 400 and changes nothing', async (_, signature) => {
    const answer = await post(event(), signature);
    expect([answer.status, answer.body]).toMatchObject([400, { error: { code: 'bad-signature' } }]);
    expect(await statusOfOrder()).toBe('pending');
    expect(await shop.waiting('invoices')).toBe(0);
  });

  it.each([['2'], ['abc'], [''], [null], ['1 OR 1=1']])('answers 404 for the order %p', async (reference) => {
    expect((await post(event({ client_reference_id: reference }))).status).toBe(404);
  });

  it.each([
    ['another event', event({}, 'payment_intent.created')],
    ['an event of a kind that has no session', JSON.stringify({ id: 'evt', type: 'customer.created', data: {} })],
    ['a subscription', event({ mode: 'subscription' })],
    ['an unpaid session', event({ payment_status: 'unpaid' })],
    ['another event of an unknown order', event({ client_reference_id: '99' }, 'charge.refunded')],
  ])('answers 200 to %s, without effect', async (_, body) => {
    expect((await post(body)).status).toBe(200);
    expect(await statusOfOrder()).toBe('pending');
  });

  it.each(['{', '[]', 'null', '{}', '{"type":1}', '{"type":"checkout.session.completed"}', event({ id: 5 })])(
    'refuses the payload %p with 400',
    async (body) => {
      const answer = await post(body);
      expect([answer.status, answer.body]).toMatchObject([400, { error: { code: 'bad-event' } }]);
    },
  );

  it('refuses more than 64 KiB with 413', async () => {
    expect((await post(event({ padding: 'x'.repeat(70_000) }))).status).toBe(413);
  });
});
