/** The worker of the queue `invoices`: gives invoice numbers. */
import { worker } from 'cellar';
import { openStore } from '../../open-store.ts';

export const invoices = worker({
  queue: 'invoices',
  context: async (_settings, cellar) => ({ store: await openStore(cellar) }),
  dispose: ({ store }) => store.close(),
});
