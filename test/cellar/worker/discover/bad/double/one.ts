import { first } from '../../contracts.ts';
import { double } from './worker.ts';

export default double.handle(first, () => 'first');
