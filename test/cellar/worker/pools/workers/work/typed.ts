import { typed } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(typed, () => 1.5);
