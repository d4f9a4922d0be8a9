import { createInterface } from 'node:readline/promises';
import { CellarError } from '../../errors.ts';
import type { CliIo } from '../cli-io.ts';
import { command } from '../command.ts';
import { toggle } from '../flag.ts';
import { knownQueue } from '../known-queue.ts';
import { withCellar } from '../with-cellar.ts';

export const purge = command({
  name: 'purge',
  summary: 'Deletes the ready and delayed messages of a queue, not those in flight, not the dead.',
  example: 'mail --yes',
  positionals: { QUEUE: { help: 'name of the queue' } },
  flags: { yes: toggle('do not ask') },
  run: (context, { QUEUE }, { yes }) =>
    withCellar(context, async ({ cellar }) => {
      const queue = knownQueue(cellar.topology, QUEUE);
      const [counts] = await cellar.admin.counts([queue]);
      const waiting = (counts?.ready ?? 0) + (counts?.delayed ?? 0);
      if (!yes && !(await confirmed(context.io, `delete ${waiting} messages of the queue ${queue}?`))) {
        context.output.note('nothing was deleted');
        return 1;
      }
      const purged = await cellar.admin.purge(queue);
      if (context.common.json) context.output.json({ queue, purged });
      else context.output.text(`${purged} messages of ${queue} deleted\n`);
      return 0;
    }),
});

async function confirmed({ stdin, stderr }: CliIo, question: string): Promise<boolean> {
  if (stdin.isTTY !== true) {
    throw new CellarError('bad-arguments', 'purge asks first and there is no terminal to answer at, allowed: --yes');
  }
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await lines.question(`cellar: ${question} [y/N] `);
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}
