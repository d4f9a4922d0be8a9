import { again } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(again, ({ request }, { name }) => {
  if (request.retries === 2) return request.retries;
  throw Object.assign(new Error('not now'), { name });
});
