import { appendFileSync } from 'node:fs';
import { second } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(second, async (_context, { number, file }) => appendFileSync(file, `${number}\n`));
