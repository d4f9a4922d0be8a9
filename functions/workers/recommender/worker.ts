/** The worker of the queue `recommender`: learns what is bought together. */
import { worker } from 'cellar';
import { openStore } from '../../open-store.ts';

export const recommender = worker({
  queue: 'recommender',
  context: async (_settings, cellar) => ({ store: await openStore(cellar) }),
  dispose: ({ store }) => store.close(),
});
