import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type BoundHandler, worker } from 'cellar';
import { child, parent } from './rabbitmq-topology.ts';

/** Handlers that note what they do in a file; each line is one append: there as a whole or not at all. */
export function notingHandlers(log: string): readonly BoundHandler[] {
  const note = (what: string, id: string): void => appendFileSync(log, `${what} ${id} ${process.pid}\n`);
  return [
    worker({ queue: 'parents' }).handle(parent, async ({ request, send }, { number }) => {
      note('ran', request.id);
      for (const index of [0, 1]) send(child({ number, index }));
      return number;
    }),
    worker({ queue: 'children' }).handle(child, async ({ request }) => {
      note('begin', request.id);
      await pause(2);
      note('end', request.id);
    }),
  ];
}
