/** The worker of the queue `reports`. */
import process from 'node:process';
import { worker } from 'cellar';
import { openStore } from '../../open-store.ts';
import { loadShopSettings } from '../../shop-settings.ts';

export const reports = worker({
  queue: 'reports',
  context: async (settings, cellar) => ({
    store: await openStore(cellar),
    folder: loadShopSettings(process.env, settings).reportsFolder,
  }),
  dispose: ({ store }) => store.close(),
});
