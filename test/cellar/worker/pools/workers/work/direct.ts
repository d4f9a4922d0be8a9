import { direct } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(direct, ({ request, retry, reject, ignore }, { what }) => {
  if (what === 'reject') return reject('corked');
  if (what === 'ignore') return ignore();
  return request.retries === 1 ? 'retried' : retry({ countdown: 0 });
});
