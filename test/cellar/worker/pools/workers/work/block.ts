import { block } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(block, () => {
  for (;;);
});
