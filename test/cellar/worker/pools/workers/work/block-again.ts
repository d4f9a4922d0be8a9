import { blockAgain } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(blockAgain, ({ request }) => {
  while (request.retries === 0);
  return request.retries;
});
