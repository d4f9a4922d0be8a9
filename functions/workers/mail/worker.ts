/** The worker of the queue `mail`: everything that writes to customers. */
import process from 'node:process';
import { worker } from 'cellar';
import { openMailboxMailer } from '../../../shared/shop/mailers/mailbox.ts';
import { openStore } from '../../open-store.ts';
import { loadShopSettings } from '../../shop-settings.ts';

export const mail = worker({
  queue: 'mail',
  context: async (settings, cellar) => {
    const { mailboxFolder, mailFrom } = loadShopSettings(process.env, settings);
    return {
      cellar,
      store: await openStore(cellar),
      mailer: await openMailboxMailer({ folder: mailboxFolder, from: mailFrom }),
    };
  },
  dispose: ({ store }) => store.close(),
});
