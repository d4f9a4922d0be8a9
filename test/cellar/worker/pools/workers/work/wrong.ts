import { wrong } from '../../tasks.ts';
import { work } from './worker.ts';

class Bottle {}

export default work.handle(wrong, () => new Bottle());
