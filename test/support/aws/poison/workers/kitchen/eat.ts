import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { eat } from '../../tasks.ts';
import { kitchen } from './worker.ts';

/** What it writes is there however its process ends: a line a start. A name tells what becomes of the process. */
export default kitchen.handle(eat, async (_context, { name }) => {
  appendFileSync(process.env.STARTS_FILE ?? '', `${name}\n`);
  if (name === 'killed') process.kill(process.pid, 'SIGKILL');
  if (name === 'exits') process.exit(1);
  // Others that were started with it are still at it when the process ends.
  await new Promise((resolve) => setTimeout(resolve, 100));
  return name;
});
