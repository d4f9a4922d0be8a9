/** What worker nodes can be asked: Celery's commands by Celery's names. */
import type { Cellar } from '../../cellar.ts';
import { askNodes, type CommandValues } from '../../control/ask-nodes.ts';
import { CellarError } from '../../errors.ts';
import type { CommandContext } from '../command.ts';
import { askOptions, type NodeFlags } from './node-flags.ts';
import { showAnswers } from './show-answers.ts';

/** The arguments of each; `undefined` where it takes no names. */
export const inspections: Readonly<Record<string, ((names: readonly string[]) => CommandValues) | undefined>> = {
  ping: undefined,
  stats: undefined,
  active: undefined,
  reserved: undefined,
  scheduled: undefined,
  revoked: undefined,
  registered: (names) => ({ taskinfoitems: names }),
  active_queues: undefined,
  conf: undefined,
  report: undefined,
  query_task: (names) => ({ ids: names }),
  clock: undefined,
};

interface Inspection {
  readonly what: string;
  readonly names: readonly string[];
  readonly flags: NodeFlags;
}

/** @throws CellarError `not-supported` where the broker has no remote control; `timeout` when nobody answered */
export async function showInspection(
  context: CommandContext,
  cellar: Cellar,
  { what, names, flags }: Inspection,
): Promise<void> {
  const argumentsOf = inspections[what];
  if (argumentsOf === undefined && names.length > 0) {
    throw new CellarError('bad-arguments', `unexpected argument '${names[0]}', allowed: ${what} takes none`);
  }
  const options = askOptions(flags);
  showAnswers(context, await askNodes(cellar, what, argumentsOf?.(names) ?? {}, options), options.timeoutMs);
}
