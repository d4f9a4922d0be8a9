/** Commands that keep tasks from running, or end those that run. */
import { constants } from 'node:os';
import { describeError, encodeException, NamedException } from '../../exception.ts';
import type { ResultUpdate } from '../../result-store.ts';
import { type Command, type CommandArguments, type NodeContext, ok, textArgument, textsArgument } from '../command.ts';

const DEFAULT_SIGNAL = 'SIGTERM';

/** As Celery since 5.6.2, REVOKED is stored at once, even of tasks that nobody knows. */
export const revoke: Command = async (context, args) => {
  const ids = textsArgument(args, 'task_id');
  context.node.revoked.add(ids);
  await storeRevoked(context, ids);
  if (args.terminate !== true) return ok(`tasks ${shownSet(ids)} flagged as revoked`);
  const signal = signalNumber(args);
  const ended = ids.filter((id) => end(context, id, signal));
  return ok(ended.length === 0 ? 'terminate: tasks unknown' : `terminate: ${ended.join(', ')}`);
};

export const terminate: Command = (context, args) => revoke(context, { ...args, terminate: true });

export const revokeByStampedHeaders: Command = (context, args) => {
  const stamps = stampsOf(args.headers);
  for (const [name, values] of stamps) context.node.revokedStamps.add(name, values);
  const shown = JSON.stringify(Object.fromEntries(stamps));
  if (args.terminate !== true) return ok(`headers ${shown} flagged as revoked, but not terminated`);
  const signal = signalNumber(args);
  const { active, revokedStamps } = context.node;
  const running = [...active].filter(({ message }) => revokedStamps.has(message.headers));
  const ended = running.filter(({ id }) => end(context, id, signal));
  return ok(ended.length === 0 ? `headers ${shown} were not terminated` : `headers ${shown} revoked`);
};

/** True where it ran here. */
function end({ node, queues }: NodeContext, id: string, signal: number): boolean {
  node.noteSignal(id, signal);
  const isEnded = queues.workers.some(({ pool }) => pool.terminate(id));
  if (!isEnded) node.forgetSignal(id);
  return isEnded;
}

async function storeRevoked({ cellar, node }: NodeContext, ids: readonly string[]): Promise<void> {
  const { results } = cellar.backend;
  const result = encodeException(new NamedException('TaskRevokedError', 'revoked'));
  const doneAtMs = node.clock.now();
  const unknown = { task: '', args: '[]', kwargs: '{}', queue: '', worker: node.name };
  const updates = ids.map(
    (id): ResultUpdate => ({
      ...unknown,
      id,
      state: 'REVOKED',
      result,
      doneAtMs,
      attempt: { retries: 0, generation: 0 },
    }),
  );
  try {
    await results.revoke(ids);
    await results.store(updates);
  } catch (error) {
    // As Celery: this node heeds it all the same.
    cellar.log.warn(`a revocation is not stored: ${describeError(error)}`, { count: ids.length });
  }
}

function stampsOf(value: unknown): readonly (readonly [string, readonly string[]])[] {
  if (Array.isArray(value))
    return value.map((pair) => {
      const [name = '', stamp = ''] = String(pair).split('=', 2);
      return [name, [stamp]] as const;
    });
  return Object.entries(value ?? {}).map(([name, stamps]) => [name, [stamps].flat().map(String)] as const);
}

/** @throws ValueError for a name that is no signal's */
function signalNumber({ signal = DEFAULT_SIGNAL }: CommandArguments): number {
  if (typeof signal === 'number') return signal;
  const asked = signal === null ? DEFAULT_SIGNAL : textArgument({ signal }, 'signal').toUpperCase();
  const name = asked.startsWith('SIG') ? asked : `SIG${asked}`;
  const number = Object.entries(constants.signals).find(([known]) => known === name)?.[1];
  if (number === undefined) throw new NamedException('ValueError', `the signal is ${name}, allowed: as SIGTERM`);
  return number;
}

/** As Python shows a set. */
function shownSet(ids: readonly string[]): string {
  const names = [...new Set(ids)].map((id) => `'${id}'`);
  return names.length === 0 ? 'set()' : `{${names.join(', ')}}`;
}
