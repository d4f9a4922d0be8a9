import { hoard } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(hoard, ({ held }, { mib }) => {
  held.push(Buffer.alloc(mib * 2 ** 20, 1));
});
