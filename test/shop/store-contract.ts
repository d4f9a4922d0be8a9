/** What every store must do; each implementation runs this suite over a harness of its own. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SendOptions } from 'cellar';
import { pairsOf } from '../../shared/shop/recommender.ts';
import type { Outgoing, ShopStore } from '../../shared/shop/store.ts';
import { orderCreated, orderPaid } from '../../shared/shop/tasks.ts';
import { sampleDraft } from './sample-order.ts';

/** A task that left the store. */
export interface SentByStore {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly exchange?: string;
  readonly options?: SendOptions;
}

export interface StoreHarness {
  readonly store: ShopStore;
  /** A second store on the same data, as another process would open it. */
  openAnother(): Promise<ShopStore>;
  /** The tasks that have left, in order. */
  sent(): Promise<readonly SentByStore[]>;
  /** The next write dies after everything is written and before it is committed. */
  dieBeforeCommit(): void;
  close(): Promise<void>;
}

const created = ({ id }: { readonly id: number }): readonly Outgoing[] => [
  { signature: orderCreated({ orderId: id }) },
];

function paid(orderId: number): readonly Outgoing[] {
  return [{ exchange: 'shop.events', routingKey: 'order.paid', signature: orderPaid({ orderId }) }];
}

const PAYMENT = { id: 'cs_1', paidAt: new Date('2026-03-28T10:05:00Z') };
const ISSUED_AT = new Date('2026-03-28T10:06:00Z');

export function storeContract(name: string, open: () => Promise<StoreHarness>): void {
  describe(`${name} as the shop's store`, () => {
    let harness: StoreHarness;
    let store: ShopStore;

    beforeEach(async () => {
      harness = await open();
      store = harness.store;
    });
    afterEach(() => harness.close());

    async function place(key: string, target = store): Promise<number> {
      const outcome = await target.placeOrder(sampleDraft(), { key, requestHash: 'h' }, created);
      return 'placed' in outcome ? outcome.placed.id : outcome.earlier.order.id;
    }

    async function placePaid(key: string, payment = PAYMENT): Promise<number> {
      const id = await place(key);
      await store.payOrder(id, payment, []);
      return id;
    }

    it('gives back an order as it was placed', async () => {
      const draft = sampleDraft({ coupon: { code: 'WELCOME10', percent: 10 } });
      const outcome = await store.placeOrder(draft, { key: 'k', requestHash: 'h' }, created);
      const expected = { ...draft, id: 1, status: 'pending', payment: undefined, invoice: undefined };
      expect(outcome).toEqual({ placed: expected });
      expect(await store.order(1)).toEqual(expected);
      expect(await store.order(2)).toBeUndefined();
    });

    it('sends the tasks of an order with it', async () => {
      const id = await place('k');
      expect(await harness.sent()).toMatchObject([{ task: 'orders.tasks.order_created', args: [id] }]);
    });

    it('places nothing under a key that is taken, and sends nothing', async () => {
      await store.placeOrder(sampleDraft(), { key: 'k', requestHash: 'first' }, created);
      const again = await store.placeOrder(sampleDraft({ lines: [] }), { key: 'k', requestHash: 'second' }, created);
      expect(again).toMatchObject({ earlier: { requestHash: 'first', order: { id: 1, lines: sampleDraft().lines } } });
      expect(await store.placedWith('k')).toMatchObject({ requestHash: 'first', order: { id: 1 } });
      expect(await store.placedWith('other')).toBeUndefined();
      expect(await harness.sent()).toHaveLength(1);
    });

    it('places one order for many attempts with one key at once, from two processes', async () => {
      const another = await harness.openAnother();
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, index) => place('k', index % 2 === 0 ? store : another)),
      );
      expect(new Set(ids).size).toBe(1);
      expect(await harness.sent()).toHaveLength(1);
      await another.close();
    });

    it('keeps neither order, key nor task when it dies before the commit', async () => {
      harness.dieBeforeCommit();
      await expect(place('k')).rejects.toThrow();
      expect(await store.placedWith('k')).toBeUndefined();
      expect(await store.order(1)).toBeUndefined();
      expect(await harness.sent()).toEqual([]);
      await place('k');
      expect(await store.placedWith('k')).toBeDefined();
      expect(await harness.sent()).toHaveLength(1);
    });

    it('pays an order once, with its tasks', async () => {
      const id = await place('k');
      expect(await store.payOrder(id, PAYMENT, paid(id))).toBe('paid');
      expect(await store.payOrder(id, { ...PAYMENT, id: 'cs_2' }, paid(id))).toBe('already-paid');
      expect(await store.order(id)).toMatchObject({ status: 'paid', payment: PAYMENT });
      expect((await harness.sent()).slice(1)).toMatchObject([
        { task: 'orders.tasks.order_paid', exchange: 'shop.events' },
      ]);
      expect(await store.payOrder(99, PAYMENT, paid(99))).toBe('unknown-order');
    });

    it('stays unpaid when it dies while it pays', async () => {
      const id = await place('k');
      harness.dieBeforeCommit();
      await expect(store.payOrder(id, PAYMENT, paid(id))).rejects.toThrow();
      expect(await store.order(id)).toMatchObject({ status: 'pending', payment: undefined });
      expect(await harness.sent()).toHaveLength(1);
    });

    it('cancels only what is pending; a payment that comes all the same counts', async () => {
      const id = await place('a');
      expect(await store.cancelOrder(id)).toMatchObject({ status: 'cancelled' });
      expect(await store.payOrder(id, PAYMENT, [])).toBe('paid');
      expect(await store.cancelOrder(id)).toMatchObject({ status: 'paid' });
      expect(await store.cancelOrder(99)).toBeUndefined();
    });

    it('gives invoice numbers without gaps, one an order, whoever asks', async () => {
      const another = await harness.openAnother();
      const ids: number[] = [];
      for (let index = 0; index < 10; index++) ids.push(await placePaid(`k${index}`));
      const invoices = await Promise.all(
        [...ids, ...ids].map((id, index) => (index % 2 === 0 ? store : another).issueInvoice(id, ISSUED_AT)),
      );
      const numbers = invoices.map((invoice) => (typeof invoice === 'string' ? 0 : invoice.number));
      expect(numbers.slice(0, 10)).toEqual(numbers.slice(10));
      expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await store.order(ids[0] ?? 0)).toMatchObject({ invoice: { number: numbers[0], issuedAt: ISSUED_AT } });
      await another.close();
    });

    it('uses no number for what cannot have one, nor for a write that died', async () => {
      const pending = await place('a');
      expect(await store.issueInvoice(pending, ISSUED_AT)).toBe('not-paid');
      expect(await store.issueInvoice(99, ISSUED_AT)).toBe('unknown-order');
      const first = await placePaid('b');
      harness.dieBeforeCommit();
      await expect(store.issueInvoice(first, ISSUED_AT)).rejects.toThrow();
      expect(await store.issueInvoice(first, ISSUED_AT)).toMatchObject({ number: 1 });
    });

    it('keeps the date of an invoice when it is asked for again', async () => {
      const id = await placePaid('k');
      await store.issueInvoice(id, ISSUED_AT);
      expect(await store.issueInvoice(id, new Date(0))).toEqual({ number: 1, issuedAt: ISSUED_AT });
    });

    it('counts each order once for what is bought together', async () => {
      expect(await store.addPurchase(1, pairsOf(['a', 'b', 'c']))).toBe(true);
      expect(await store.addPurchase(1, pairsOf(['a', 'b', 'c']))).toBe(false);
      expect(await store.addPurchase(2, pairsOf(['a', 'b']))).toBe(true);
      const sorted = (await store.boughtWith(['a'])).toSorted((x, y) => y.score - x.score);
      expect(sorted).toEqual([
        { wineId: 'b', score: 2 },
        { wineId: 'c', score: 1 },
      ]);
      expect(await store.boughtWith(['b', 'c'])).toHaveLength(4);
      expect(await store.boughtWith(['unknown', "' OR 1=1"])).toEqual([]);
      expect(await store.boughtWith([])).toEqual([]);
    });

    it('finds the orders paid in a time, its first moment and not its last', async () => {
      const at = (time: string) => ({ id: 'cs', paidAt: new Date(time) });
      await placePaid('before', at('2026-03-27T23:59:59.999Z'));
      const first = await placePaid('first', at('2026-03-28T00:00:00Z'));
      const last = await placePaid('last', at('2026-03-28T23:59:59.999Z'));
      await placePaid('after', at('2026-03-29T00:00:00Z'));
      await place('never');
      const found = await store.paidBetween(new Date('2026-03-28T00:00:00Z'), new Date('2026-03-29T00:00:00Z'));
      expect(found.map(({ id }) => id)).toEqual([first, last]);
    });

    it('shows another process what was written', async () => {
      const id = await place('k');
      const another = await harness.openAnother();
      expect(await another.order(id)).toEqual(await store.order(id));
      await another.close();
    });
  });
}
