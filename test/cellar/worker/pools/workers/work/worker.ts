import { type Cellar, worker } from '../../../../../../shared/cellar/index.ts';

let opened = 0;

export const work = worker({
  queue: 'work',
  context: (_settings, cellar: Cellar) => ({ opened: ++opened, cellar, held: [] as unknown[] }),
});
