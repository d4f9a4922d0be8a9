import { sum } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(sum, (_context, { values }) => values.reduce((total, value) => total + value, 0));
