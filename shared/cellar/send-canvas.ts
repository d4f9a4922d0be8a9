/** Sends a workflow: its first tasks now, and with them all that comes after. */
import type { Backend } from './backend.ts';
import type { OutgoingMessage } from './broker.ts';
import type { AnyCanvas } from './canvas.ts';
import { freeze } from './celery/canvas/freeze.ts';
import { bodyOf, headerOf, plainSignatures, tasksOf, textOption } from './celery/canvas/parts.ts';
import { unfold } from './celery/canvas/unfold.ts';
import { taskOfWire, toWireSignature } from './celery/wire-signature.ts';
import { openChords } from './chord-store.ts';
import { type Composer, checkShared } from './composer.ts';
import { CellarError } from './errors.ts';
import type { WireSignature } from './message.ts';
import { attemptKey } from './outgoing.ts';
import type { Accepted } from './publish-outcome.ts';
import type { ResultStore } from './result-store.ts';
import { groupAsTask, type Sent, type SentTask, sentGroup, taskResult } from './task-result.ts';

export interface CanvasSender {
  readonly composer: Composer;
  readonly backend: Pick<Backend, 'chords' | 'results'>;
  readonly newId: () => string;
  publish(messages: readonly OutgoingMessage[]): Promise<readonly Accepted[]>;
}

/** @throws CellarError as `Client.send`; `not-supported` for a chord where none can be counted */
export async function sendCanvas(work: AnyCanvas, sender: CanvasSender): Promise<Sent> {
  const { composer, backend, newId } = sender;
  const frozen = freeze(toWireSignature(work), { id: newId(), replyTo: composer.replyTo });
  const unfolded = unfold(frozen);
  const { taskId, ...shared } = work.options;
  checkShared(unfolded.tasks.length, shared);
  for (const signature of plainSignatures(frozen)) composer.check(taskOfWire(signature, ownQueue).signature);
  const messages = unfolded.tasks.map((task) => messageOf(task, composer, taskId !== undefined));
  await openChords(backend.chords, unfolded.chords);
  const accepted = await sender.publish(messages);
  const isNew = new Map(accepted.map((one) => [one.id, one.isNew]));
  return sentOf(frozen, { results: backend.results, isNew, isAnyNew: accepted.some((one) => one.isNew) });
}

/** A contract's signature names its queue. */
function ownQueue(task: string): string {
  throw new CellarError('bad-arguments', `the signature of ${task} names no queue`);
}

/** Where the caller chose an id, all others derive from it: the workflow is recognised when it is sent again. */
function messageOf(task: WireSignature, composer: Composer, isNamed: boolean): OutgoingMessage {
  const { signature, place } = taskOfWire(task, ownQueue);
  const { taskId = '' } = signature.options;
  return composer.message(signature, undefined, {
    ...place,
    deduplicationId: isNamed ? attemptKey(taskId, 0, 0) : undefined,
  });
}

interface Known {
  readonly results: ResultStore;
  /** Of those that were sent now, by id. */
  readonly isNew: ReadonlyMap<string, boolean>;
  readonly isAnyNew: boolean;
}

/** What its caller waits for. */
function sentOf(frozen: WireSignature, known: Known): Sent {
  switch (frozen.subtask_type) {
    case 'chain':
      return sentAsTask(tasksOf(frozen).at(-1) ?? frozen, known);
    case 'group':
      return sentGroup(
        textOption(frozen, 'task_id') ?? '',
        tasksOf(frozen).map((task) => sentAsTask(task, known)),
      );
    case 'chord': {
      const header = headerOf(frozen).tasks.map((task) => sentAsTask(task, known));
      return { ...sentAsTask(bodyOf(frozen), known), header };
    }
    default: {
      const id = textOption(frozen, 'task_id') ?? '';
      return { ...taskResult<unknown>(known.results, id), accepted: known.isNew.get(id) ?? known.isAnyNew };
    }
  }
}

function sentAsTask(frozen: WireSignature, known: Known): SentTask<unknown> {
  const sent = sentOf(frozen, known);
  return 'members' in sent ? groupAsTask(sent) : sent;
}
