/** The catalogue, what goes with it, and coupons. */
import { Hono } from 'hono';
import type { Shop } from '../../../shared/shop/shop.ts';
import { onlyMethods } from '../only-methods.ts';
import { notFound } from '../refusal.ts';

/** How many wines of a cart are looked at. */
const MAX_RECOMMEND = 50;

export function wineRoutes(shop: Shop): Hono {
  const routes = new Hono();
  routes.get('/wines', async (context) => {
    const { wines } = await shop.catalogue();
    return context.json(wines, 200, { 'Cache-Control': 'public, max-age=60' });
  });
  routes.get('/wines/:id', async (context) => {
    const wine = (await shop.catalogue()).wine(context.req.param('id'));
    if (wine === undefined) return notFound(context, 'wine');
    return context.json({ ...wine, boughtTogether: await shop.recommend([wine.id]) });
  });
  routes.get('/recommendations', async (context) => {
    const { wine } = await shop.catalogue();
    const ids = (context.req.query('wines') ?? '').split(',').filter((id) => wine(id) !== undefined);
    return context.json(ids.length === 0 ? [] : await shop.recommend(ids.slice(0, MAX_RECOMMEND)));
  });
  routes.get('/coupons/:code', async (context) => {
    const found = await shop.findCoupon(context.req.param('code'));
    if ('refused' in found) return notFound(context, 'coupon');
    return context.json({ code: found.coupon.code, percent: found.coupon.percent });
  });
  onlyMethods(routes, { '/wines': 'GET', '/wines/:id': 'GET', '/recommendations': 'GET', '/coupons/:code': 'GET' });
  return routes;
}
