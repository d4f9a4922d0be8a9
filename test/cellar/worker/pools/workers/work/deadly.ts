import { appendFileSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { deadly } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(deadly, async (_context, { file, times, how }) => {
  appendFileSync(file, `${process.pid}\n`);
  const runs = readFileSync(file, 'utf8').trimEnd().split('\n').length;
  if (runs > times) return runs;
  if (how === 'exit') process.exit(3);
  if (how === 'SIGKILL') process.kill(process.pid, 'SIGKILL');
  setImmediate(() => {
    throw new RangeError('nobody catches this');
  });
  return new Promise(() => undefined);
});
