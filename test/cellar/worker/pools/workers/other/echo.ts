import { echo } from '../../tasks.ts';
import { other } from './worker.ts';

export default other.handle(echo, (_context, { value }) => value);
