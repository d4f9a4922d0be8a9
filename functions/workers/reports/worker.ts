/** The worker of the queue `reports`. */
import { worker } from 'cellar';
import { openFiles } from '#open-files';
import { openStore } from '#open-store';
import { loadShopSettings } from '../../shop-settings.ts';

export const reports = worker({
  queue: 'reports',
  context: async (settings, cellar) => {
    const shopSettings = loadShopSettings(process.env, settings);
    return { store: await openStore(cellar, shopSettings), files: await openFiles(cellar, shopSettings) };
  },
  dispose: ({ store }) => store.close(),
});
