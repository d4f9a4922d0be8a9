/** The worker of the queue `recommender`: learns what is bought together. */
import { worker } from 'cellar';
import { openStore } from '#open-store';
import { loadShopSettings } from '../../shop-settings.ts';

export const recommender = worker({
  queue: 'recommender',
  context: async (settings, cellar) => ({
    store: await openStore(cellar, loadShopSettings(process.env, settings)),
  }),
  dispose: ({ store }) => store.close(),
});
