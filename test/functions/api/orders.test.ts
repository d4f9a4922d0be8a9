import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CUSTOMER, ORDER, openTestShop, orderRequest, type TestShop } from '../shop-harness.ts';

let shop: TestShop;

beforeEach(async () => {
  shop = await openTestShop();
});
afterEach(() => shop.close());

const place = (key: string, body: unknown = ORDER) => shop.request('POST', '/api/orders', orderRequest(key, body));

async function nothingStored(): Promise<void> {
  expect((await shop.request('GET', '/api/orders/1')).status).toBe(404);
  expect(await shop.waiting('mail')).toBe(0);
}

describe('POST /api/orders', () => {
  it('answers 201 with number, totals and access token, and leaves confirmation and reminder in the queue', async () => {
    const answer = await place('k1', { ...ORDER, couponCode: 'welcome10' });
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe('/api/orders/1');
    expect(answer.body).toMatchObject({
      id: 1,
      number: expect.stringMatching(/^\d{4}-000001$/),
      status: 'pending',
      subtotal: 12_390,
      discount: 1_239,
      total: 11_151,
      currency: 'EUR',
      couponCode: 'WELCOME10',
    });
    expect(String(answer.body.accessToken).length).toBeGreaterThanOrEqual(22);
    const ready = await shop.cellar.admin.peek('mail', { place: 'ready', limit: 10 });
    const delayed = await shop.cellar.admin.peek('mail', { place: 'delayed', limit: 10 });
    expect([ready.length, delayed.length]).toEqual([1, 1]);
  });

  it('gives the same answer to the same request with the same key, also after the payment', async () => {
    const first = await place('k1');
    await shop.request('POST', '/pay/1', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'action=pay',
    });
    const waiting = await shop.waiting('mail');
    const again = await place('k1', JSON.stringify(ORDER, null, 2));
    expect(again.status).toBe(201);
    expect(again.text).toBe(first.text);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(await shop.waiting('mail')).toBe(waiting);
  });

  it('places one order for ten requests with one key at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => place('k1')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await shop.waiting('mail')).toBe(2);
  });

  it('refuses another request with the same key', async () => {
    await place('k1');
    const answer = await place('k1', { ...ORDER, items: [{ wineId: 'tavel-rose', quantity: 2 }] });
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({
      error: { code: 'idempotency-key-taken', message: 'This Idempotency-Key was used for another order.' },
    });
  });

  it.each([
    ['', 400],
    ['x'.repeat(256), 400],
    ['with blank', 400],
  ])('refuses the key %p', async (key, status) => {
    const answer = await place(key);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error: { code: 'bad-idempotency-key' } });
    await nothingStored();
  });

  it('takes a key of 255 characters', async () => {
    expect((await place('x'.repeat(255))).status).toBe(201);
  });

  it.each([
    ['an unknown wine', { ...ORDER, items: [{ wineId: 'no-such-wine', quantity: 1 }] }, 'items.0.wineId'],
    ['quantity 0', { ...ORDER, items: [{ wineId: 'tavel-rose', quantity: 0 }] }, 'items.0.quantity'],
    ['quantity as text', { ...ORDER, items: [{ wineId: 'tavel-rose', quantity: '2' }] }, 'items.0.quantity'],
    ['no items', { ...ORDER, items: [] }, 'items'],
    ['a wine twice', { ...ORDER, items: [ORDER.items[0], ORDER.items[0]] }, 'items.1.wineId'],
    ['a header in the e-mail', { ...ORDER, customer: { ...CUSTOMER, email: 'a@b.co\nBcc: c@d.co' } }, 'customer.email'],
    ['a long name', { ...ORDER, customer: { ...CUSTOMER, firstName: 'x'.repeat(51) } }, 'customer.firstName'],
    ['an unknown key', { ...ORDER, total: 1 }, 'body'],
    ['an unknown coupon', { ...ORDER, couponCode: 'NOPE' }, 'couponCode'],
    ['an expired coupon', { ...ORDER, couponCode: 'VINEXPO19' }, 'couponCode'],
    ['a list', [], 'body'],
    ['null', null, 'body'],
  ])('refuses %s with 422, the field and a sentence, and stores nothing', async (_, body, field) => {
    const answer = await place('k1', body);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({
      error: {
        code: 'invalid',
        message: 'Some fields are not right.',
        fields: { [field]: expect.stringMatching(/^[A-Z].*\.$/) },
      },
    });
    await nothingStored();
  });

  it.each(['{', '', 'null,', '{"customer":}'])('refuses the body %p with 400', async (body) => {
    const answer = await place('k1', body);
    expect([answer.status, answer.body]).toEqual([
      400,
      { error: { code: 'bad-json', message: 'The body is not JSON.' } },
    ]);
    await nothingStored();
  });

  it('refuses 200 KB with 413 and takes padding up to 64 KiB', async () => {
    const padded = (bytes: number) => JSON.stringify(ORDER).padEnd(bytes, ' ');
    const answer = await place('k1', padded(200_000));
    expect([answer.status, answer.body]).toMatchObject([413, { error: { code: 'body-too-large' } }]);
    await nothingStored();
    expect((await place('k1', padded(65_536))).status).toBe(201);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', ''])(
    'refuses the content type %p with 415',
    async (type) => {
      const request = orderRequest('k1');
      const headers = { ...request.headers, 'content-type': type };
      const answer = await shop.request('POST', '/api/orders', { ...request, headers });
      expect([answer.status, answer.body]).toMatchObject([415, { error: { code: 'unsupported-media-type' } }]);
      await nothingStored();
    },
  );

  it('takes a content type with a charset', async () => {
    const request = orderRequest('k1');
    const headers = { ...request.headers, 'content-type': 'application/json; charset=utf-8' };
    expect((await shop.request('POST', '/api/orders', { ...request, headers })).status).toBe(201);
  });
});

describe('GET /api/orders/{id}', () => {
  it('shows anyone how far it is, and nothing of the customer', async () => {
    await place('k1');
    const answer = await shop.request('GET', '/api/orders/1');
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).sort()).toEqual(['currency', 'id', 'number', 'status', 'total']);
  });

  it('shows everything to whoever has the access token, and refuses another token', async () => {
    const token = String((await place('k1')).body.accessToken);
    const withToken = (given: string) =>
      shop.request('GET', '/api/orders/1', { headers: { authorization: `Bearer ${given}` } });
    const answer = await withToken(token);
    expect(answer.body).toMatchObject({ customer: CUSTOMER, status: 'pending', paidAt: null, invoiceNumber: null });
    expect(answer.body).not.toHaveProperty('accessToken');
    expect((await withToken(`${token}x`)).status).toBe(403);
    expect((await withToken('')).status).toBe(403);
    await place('k2');
    expect((await shop.request('GET', '/api/orders/2', { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      403,
    );
  });

  it.each(['2', '0', '-1', 'abc', '1.0', '1e0', '01', '9'.repeat(30), '%00', "1'--"])(
    'answers 404 for the id %p',
    async (id) => {
      await place('k1');
      const answer = await shop.request('GET', `/api/orders/${id}`);
      expect([answer.status, answer.body]).toEqual([
        404,
        { error: { code: 'not-found', message: 'There is no such order.' } },
      ]);
    },
  );
});

describe('the other routes', () => {
  it('list the wines, show one, and what goes with it', async () => {
    const list = await shop.request('GET', '/api/wines');
    expect(Array.isArray(list.body) && list.body.length).toBe(28);
    expect((await shop.request('GET', '/api/wines/tavel-rose')).body).toMatchObject({
      priceCents: 1_590,
      boughtTogether: [],
    });
    expect((await shop.request('GET', '/api/wines/none')).status).toBe(404);
    expect((await shop.request('GET', '/api/recommendations?wines=tavel-rose,none')).body).toEqual([]);
  });

  it('say what a coupon is worth', async () => {
    expect((await shop.request('GET', '/api/coupons/welcome10')).body).toEqual({ code: 'WELCOME10', percent: 10 });
    expect((await shop.request('GET', '/api/coupons/STAFF50')).status).toBe(404);
  });

  it('answer 404 as JSON where nothing is', async () => {
    for (const path of ['/api', '/api/', '/api/nothing', '/nothing', '/assets/../../package.json']) {
      const answer = await shop.request('GET', path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.body).toMatchObject({ error: { code: 'not-found' } });
    }
  });

  it.each([
    ['GET', '/api/orders', 'POST'],
    ['DELETE', '/api/orders/1', 'GET, HEAD'],
    ['POST', '/api/wines', 'GET, HEAD'],
    ['PUT', '/api/wines/tavel-rose', 'GET, HEAD'],
    ['GET', '/api/payments/webhook', 'POST'],
  ])('answer 405 to %s %s and say what is allowed', async (method, path, allow) => {
    const answer = await shop.request(method, path);
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
    expect(answer.body).toMatchObject({ error: { code: 'method-not-allowed' } });
  });
});
