/**
 * Counts a run as a part of its chord, and sends the body when it was the last (celery/backends/base.py and redis.py,
 * `on_chord_part_return`). Loaded when a part ends.
 */
import type { Settlement } from '../broker.ts';
import { freeze } from '../celery/canvas/freeze.ts';
import { chordOption, endsOf, listOption, textOption } from '../celery/canvas/parts.ts';
import { repr } from '../celery/python-repr.ts';
import { decodeJson } from '../celery/tagged-json.ts';
import { type ChordPart, type ChordStore, openChords } from '../chord-store.ts';
import { describeError, encodeException, NamedException } from '../exception.ts';
import { derivedId } from '../ids.ts';
import type { WireSignature } from '../message.ts';
import type { ResultUpdate } from '../result-store.ts';
import { abandonedUpdates } from './abandoned.ts';
import type { Execution } from './execution.ts';
import type { Conclusion } from './settlement.ts';
import { type Followers, follow, isCalledInline, together } from './workflow.ts';

/** A part that has ended, and what comes after the whole. */
interface EndedPart {
  readonly chordId: string;
  readonly part: ChordPart;
  readonly body: WireSignature;
}

/** What complete chords come to. */
interface Completed {
  readonly followers: Followers;
  readonly updates: readonly ResultUpdate[];
  /** Chords whose bodies are sent. */
  readonly chordIds: readonly string[];
  /** Parts of other chords that ended with a body that will not run. */
  readonly ended: readonly EndedPart[];
}

/**
 * The settlement with the bodies of the chords that are complete now.
 *
 * Where a settlement is no transaction the result is stored first: a store may read the parts' results there. Where it is
 * one, the chord keeps what it needs, and nothing is stored that the transaction would have to take back.
 */
export async function countParts(execution: Execution, conclusion: Conclusion): Promise<Settlement> {
  const { environment } = execution;
  const { chords, results, capabilities } = environment;
  const parts = endedParts(execution, conclusion);
  if (chords === undefined || parts.length === 0) return conclusion.settlement;
  const { result, ...rest } = conclusion.settlement;
  const { update } = conclusion;
  const isStored = !capabilities.transactional && update !== undefined;
  if (isStored) await results.store([update]);
  const completed = await completedBy(execution, chords, parts);
  if (completed.updates.length > 0) await results.store(completed.updates);
  await openChords(chords, completed.followers.chords);
  return {
    ...rest,
    publish: [...rest.publish, ...completed.followers.messages],
    ...(isStored || result === undefined ? undefined : { result }),
    ...(completed.chordIds.length === 0 ? undefined : { completes: completed.chordIds }),
  };
}

/** The run itself, and where it failed the parts behind it in its chain. */
function endedParts({ id, message }: Execution, { ended }: Conclusion): readonly EndedPart[] {
  if (ended === undefined) return [];
  const { chord: body, chain } = message.embed;
  const { group: chordId, group_index: place } = message.headers;
  const { state, result } = ended;
  const index = typeof place === 'number' ? place : Number.POSITIVE_INFINITY;
  const own = body === null || chordId === null ? [] : [{ chordId, body, part: { index, taskId: id, state, result } }];
  return state === 'SUCCESS' ? own : [...own, ...partsIn(chain ?? [], ended)];
}

/** The parts of chords that these signatures end with. */
function partsIn(
  signatures: readonly WireSignature[],
  { state, result }: Pick<ChordPart, 'state' | 'result'>,
): readonly EndedPart[] {
  return signatures.flatMap(endsOf).flatMap((signature) => {
    const [body, chordId, taskId = ''] = [
      chordOption(signature),
      textOption(signature, 'group_id'),
      textOption(signature, 'task_id'),
    ];
    const { group_index: place } = signature.options;
    const index = typeof place === 'number' ? place : Number.POSITIVE_INFINITY;
    return body === undefined || chordId === undefined
      ? []
      : [{ chordId, body, part: { index, taskId, state, result } }];
  });
}

async function completedBy(execution: Execution, chords: ChordStore, parts: readonly EndedPart[]): Promise<Completed> {
  const queue = [...parts];
  const all: Completed[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const progress = await chords.ended(next.chordId, next.part);
    if (progress.kind !== 'complete') continue;
    const completed = completedChord(execution, next, progress.parts);
    all.push(completed);
    queue.push(...completed.ended);
  }
  return {
    followers: together(all.map(({ followers }) => followers)),
    updates: all.flatMap(({ updates }) => updates),
    chordIds: all.flatMap(({ chordIds }) => chordIds),
    ended: [],
  };
}

function completedChord(execution: Execution, { chordId, body }: EndedPart, parts: readonly ChordPart[]): Completed {
  const frozen = freeze(body, { id: derivedId(chordId, 'body') });
  const failed = parts.find(({ state }) => state !== 'SUCCESS');
  if (failed !== undefined)
    return failedBody(execution, frozen, `Dependency ${failed.taskId} raised ${shownException(failed.result)}`);
  try {
    const id = textOption(frozen, 'task_id') ?? '';
    const followers = follow(execution, frozen, { id, args: [parts.map(({ result }) => decodeJson(result))] });
    return { followers, updates: [], chordIds: [chordId], ended: [] };
  } catch (error) {
    return failedBody(execution, frozen, `Callback error: ${describeError(error)}`);
  }
}

/** A body that will not run ends as a failure; its chord is kept, so that a part that is sent back may complete it yet. */
function failedBody(execution: Execution, body: WireSignature, reason: string): Completed {
  const error = new NamedException('ChordError', reason);
  const result = encodeException(error);
  const change = { state: 'FAILURE', result, doneAtMs: execution.environment.runtime.clock.now() };
  execution.environment.log.error(`chord failed: ${reason}`, { task: body.task, id: textOption(body, 'task_id') });
  return {
    followers: together(endsOf(body).map((end) => errbacksOf(execution, end))),
    updates: abandonedUpdates(execution, [body], change),
    chordIds: [],
    ended: partsIn([body], change),
  };
}

/** As of a task that failed under the body's id. */
function errbacksOf(execution: Execution, body: WireSignature): Followers {
  const bodyId = textOption(body, 'task_id') ?? '';
  const sent = listOption(body, 'link_error').filter((errback) => !isCalledInline(execution, errback));
  try {
    return together(
      sent.map((errback, index) =>
        follow(execution, errback, { id: derivedId(bodyId, `errback:${index}`), args: [bodyId], parentId: bodyId }),
      ),
    );
  } catch (error) {
    execution.environment.log.error(`no errback of a chord was sent: ${describeError(error)}`, { id: bodyId });
    return { messages: [], chords: [] };
  }
}

/** `ValueError('no')`, as Python shows an exception. */
function shownException(result: string): string {
  const stored = decodeJson(result);
  if (typeof stored !== 'object' || stored === null || !('exc_type' in stored)) return repr(stored);
  const args = 'exc_message' in stored && Array.isArray(stored.exc_message) ? stored.exc_message : [];
  return `${stored.exc_type}(${args.map((value) => repr(value)).join(', ')})`;
}
