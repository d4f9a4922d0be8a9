import type { AskOptions } from '../../control/ask-nodes.ts';
import { seconds } from '../../settings/value-reader.ts';
import { type Flags, type FlagValues, nameList, option } from '../flag.ts';

/** The options of every command that asks worker nodes, as Celery's. */
export const nodeFlags = {
  destination: option('NODES', 'names of the workers that are asked, divided by commas (default: all)', {
    ...nameList,
    short: 'd',
  }),
  timeout: option('SECONDS', 'how long answers are waited for (default: 1)', { ...seconds('above zero'), short: 't' }),
} satisfies Flags;

export type NodeFlags = FlagValues<typeof nodeFlags>;

export function askOptions({ destination, timeout = 1 }: NodeFlags): AskOptions & { readonly timeoutMs: number } {
  return { timeoutMs: timeout * 1000, ...(destination === undefined ? undefined : { destination }) };
}
