/** The worker of the queue `invoices`: gives invoice numbers. */
import { worker } from 'cellar';
import { openStore } from '#open-store';
import { loadShopSettings } from '../../shop-settings.ts';

export const invoices = worker({
  queue: 'invoices',
  context: async (settings, cellar) => ({
    store: await openStore(cellar, loadShopSettings(process.env, settings)),
  }),
  dispose: ({ store }) => store.close(),
});
