/** What worker nodes can be told: Celery's commands by Celery's names, and how their arguments are typed. */
import type { CommandValues } from '../../control/ask-nodes.ts';
import { CellarError } from '../../errors.ts';
import type { ValueReader } from '../../settings/value-reader.ts';
import { seconds, wholeNumber } from '../../settings/value-reader.ts';
import { anyText } from '../flag.ts';

export interface Control {
  /** Its arguments, for help and messages. */
  readonly usage: string;
  /** @throws CellarError `bad-arguments` */
  readonly argumentsOf: (words: readonly string[]) => CommandValues;
  /** Nobody answers it. */
  readonly isSilent?: true;
}

interface Parameter {
  readonly name: string;
  readonly reader: ValueReader<unknown>;
  readonly optional?: true;
  /** All words that are left, one or more. */
  readonly many?: true;
}

const count = wholeNumber(1, 10_000);
const taskName: Parameter = { name: 'task_name', reader: anyText };
const taskIds: Parameter = { name: 'task_id', reader: anyText, many: true };

export const controls: Readonly<Record<string, Control>> = {
  revoke: control('ID …', [taskIds]),
  terminate: control('SIGNAL ID …', [{ name: 'signal', reader: anyText }, taskIds]),
  rate_limit: control('TASK RATE', [taskName, { name: 'rate_limit', reader: anyText }]),
  time_limit: control('TASK SOFT [HARD]', [
    taskName,
    { name: 'soft', reader: seconds('above zero') },
    { name: 'hard', reader: seconds('above zero'), optional: true },
  ]),
  add_consumer: control('QUEUE', [{ name: 'queue', reader: anyText }]),
  cancel_consumer: control('QUEUE', [{ name: 'queue', reader: anyText }]),
  enable_events: control('', []),
  disable_events: control('', []),
  pool_grow: control('[N]', [{ name: 'n', reader: count, optional: true }]),
  pool_shrink: control('[N]', [{ name: 'n', reader: count, optional: true }]),
  autoscale: control('MAX [MIN]', [
    { name: 'max', reader: count },
    { name: 'min', reader: count, optional: true },
  ]),
  heartbeat: { ...control('', []), isSilent: true },
  shutdown: { ...control('', []), isSilent: true },
};

function control(usage: string, parameters: readonly Parameter[]): Control {
  return { usage, argumentsOf: (words) => valuesOf(words, { usage, parameters }) };
}

function valuesOf(
  words: readonly string[],
  { usage, parameters }: { readonly usage: string; readonly parameters: readonly Parameter[] },
): CommandValues {
  const values: Record<string, unknown> = {};
  const left = [...words];
  for (const { name, reader, optional, many } of parameters) {
    const taken = left.splice(0, many === true ? left.length : 1);
    if (taken.length === 0 && optional === true) continue;
    if (taken.length === 0) throw new CellarError('bad-arguments', `an argument is missing, allowed: ${usage}`);
    const read = taken.map((word) => reader.read(word));
    const wrong = taken[read.indexOf(undefined)];
    if (wrong !== undefined) {
      throw new CellarError('bad-arguments', `the argument ${name} is '${wrong}', allowed: ${reader.allowed}`);
    }
    values[name] = many === true ? read : read[0];
  }
  if (left.length > 0) {
    throw new CellarError('bad-arguments', `unexpected argument '${left[0]}', allowed: ${usage || 'none'}`);
  }
  return values;
}
