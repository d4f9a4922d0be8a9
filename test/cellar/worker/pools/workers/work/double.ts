import { double } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(double, (_context, { value }) => value * 2);
