import { wholeNumber } from '../../settings/value-reader.ts';
import { command } from '../command.ts';
import { option } from '../flag.ts';
import { knownQueue } from '../known-queue.ts';
import { withCellar } from '../with-cellar.ts';

/** How many go back in one call, so that progress can be shown. */
const BATCH = 500;

export const redrive = command({
  name: 'redrive',
  summary: 'Sends dead messages back to their queue as new attempts, oldest first.',
  example: 'mail --limit 10',
  positionals: { QUEUE: { help: 'name of the queue' } },
  flags: {
    limit: option('N', 'at most so many (default: all that are dead now)', wholeNumber(1, Number.MAX_SAFE_INTEGER)),
  },
  run: (context, { QUEUE }, { limit }) =>
    withCellar(context, async ({ cellar }) => {
      const queue = knownQueue(cellar.topology, QUEUE);
      const [counts] = await cellar.admin.counts([queue]);
      // Those that die again meanwhile are not sent a second time.
      const wanted = Math.min(limit ?? Number.POSITIVE_INFINITY, counts?.dead ?? 0);
      let redriven = 0;
      while (redriven < wanted && !context.output.gone.aborted) {
        const count = await cellar.admin.redrive(queue, { limit: Math.min(BATCH, wanted - redriven) });
        if (count === 0) break;
        redriven += count;
        context.output.progress(`${redriven} of ${wanted} sent back`);
      }
      if (context.common.json) context.output.json({ queue, redriven });
      else context.output.text(`${redriven} dead messages sent back to ${queue}\n`);
      return 0;
    }),
});
