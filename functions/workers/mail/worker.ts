/** The worker of the queue `mail`: everything that writes to customers. */
import { worker } from 'cellar';
import { openFiles } from '#open-files';
import { openMailer } from '#open-mailer';
import { openStore } from '#open-store';
import { loadShopSettings } from '../../shop-settings.ts';

export const mail = worker({
  queue: 'mail',
  context: async (settings, cellar) => {
    const shopSettings = loadShopSettings(process.env, settings);
    return {
      cellar,
      store: await openStore(cellar, shopSettings),
      files: await openFiles(cellar, shopSettings),
      mailer: await openMailer(cellar, shopSettings),
    };
  },
  dispose: ({ store }) => store.close(),
});
