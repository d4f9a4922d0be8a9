import { first, second } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(first, async ({ send }, args) => void send(second(args)));
