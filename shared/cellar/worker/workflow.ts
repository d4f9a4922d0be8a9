/**
 * What a run sends beside single tasks: what its message says comes after it, and the workflows of its handler. Loaded
 * when a message or a handler has some.
 */
import type { OutgoingMessage } from '../broker.ts';
import { freeze } from '../celery/canvas/freeze.ts';
import { unfold } from '../celery/canvas/unfold.ts';
import { decodeJson } from '../celery/tagged-json.ts';
import { taskOfWire } from '../celery/wire-signature.ts';
import { type ChordToOpen, cannotCount } from '../chord-store.ts';
import { describeError } from '../exception.ts';
import { derivedId } from '../ids.ts';
import type { WireSignature } from '../message.ts';
import type { ResultUpdate } from '../result-store.ts';
import { abandonedUpdates } from './abandoned.ts';
import type { Execution } from './execution.ts';
import { type CanvasChild, childMessage, type Outbox } from './outbox.ts';
import type { StateChange } from './result-update.ts';

export interface Followers {
  readonly messages: readonly OutgoingMessage[];
  /** To be opened before those are published. */
  readonly chords: readonly ChordToOpen[];
}

export interface Following {
  /** Of the task that its result is that of, unless it has one. */
  readonly id: string;
  readonly args?: readonly unknown[];
  /** What comes after it, in reverse. */
  readonly chain?: readonly WireSignature[];
  /** Who sends it. @default the task that runs */
  readonly parentId?: string;
}

/** @throws CellarError as `Client.send` */
export function follow(execution: Execution, signature: WireSignature, following: Following): Followers {
  const { id, parentId, ...given } = following;
  const { tasks, chords } = unfold(freeze(signature, { id }), given);
  if (chords.length > 0 && execution.environment.chords === undefined) throw cannotCount();
  const messages = tasks.map((task) => {
    const { signature: one, place } = taskOfWire(task, execution.environment.queueOf);
    return childMessage(execution, one, { place, parentId });
  });
  return { messages, chords };
}

/** The callbacks, then the next step of the chain, each with the result as its first argument. */
export function afterSuccess(execution: Execution, value: unknown): Followers {
  const { callbacks, chain } = execution.message.embed;
  const args = [value ?? null];
  const all = (callbacks ?? []).map((callback, index) =>
    follow(execution, callback, { id: derivedId(execution.id, `callback:${index}`), args }),
  );
  const next = chain?.at(-1);
  if (next !== undefined)
    all.push(follow(execution, next, { id: derivedId(execution.id, 'chain'), args, chain: chain?.slice(0, -1) ?? [] }));
  return together(all);
}

/**
 * The errbacks that are sent as tasks, with the failed task's id as first argument; those that are called by the failing
 * worker are not among them. Why they were not sent, if so: a failure stands, whatever becomes of its errbacks.
 */
export function afterFailure(execution: Execution): Followers & { readonly problem?: string } {
  try {
    const sent = (execution.message.embed.errbacks ?? []).map((errback, index) => {
      if (isCalledInline(execution, errback)) return NOTHING;
      const id = derivedId(execution.id, `errback:${execution.generation}:${index}`);
      return follow(execution, errback, { id, args: [execution.id] });
    });
    return together(sent);
  } catch (error) {
    return { ...NOTHING, problem: describeError(error) };
  }
}

/** Whether this worker calls an errback by itself, with the failure (celery/backends/base.py, `_call_task_errbacks`). */
export function isCalledInline({ environment }: Execution, { task, subtask_type: type }: WireSignature): boolean {
  return !type && environment.handlers.get(task)?.contract.options.errback === 'inline';
}

/** The states of the steps behind this one in its chain: they end as it did. */
export function abandonedSteps(execution: Execution, change: StateChange): readonly ResultUpdate[] {
  return abandonedUpdates(execution, (execution.message.embed.chain ?? []).toReversed(), change);
}

/** The messages of an outbox, those of workflows in their places. */
export function wholeOutbox(execution: Execution, { messages, canvases = [] }: Outbox): Followers {
  const all: Followers[] = [];
  let from = 0;
  for (const canvas of canvases) {
    all.push({ messages: messages.slice(from, canvas.at), chords: [] }, followersOf(execution, canvas));
    from = canvas.at;
  }
  return together([...all, { messages: messages.slice(from), chords: [] }]);
}

export function followersOf(execution: Execution, { id, signature, args = '[]' }: Omit<CanvasChild, 'at'>): Followers {
  // Both were written by this library.
  const given = decodeJson(args) as readonly unknown[];
  return follow(execution, decodeJson(signature) as WireSignature, { id, args: given });
}

const NOTHING: Followers = { messages: [], chords: [] };

export function together(all: readonly Followers[]): Followers {
  return { messages: all.flatMap(({ messages }) => messages), chords: all.flatMap(({ chords }) => chords) };
}
