import { echo } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(echo, (_context, { value }) => value);
