/**
 * Counts a run as a part of its chord, and sends the body when it was the last (celery/backends/base.py and redis.py,
 * `on_chord_part_return`). Loaded when a part ends.
 */
import { freeze } from '../celery/canvas/freeze.ts';
import { chordOption, endsOf, listOption, textOption } from '../celery/canvas/parts.ts';
import { shownException } from '../celery/shown-exception.ts';
import { decodeJson } from '../celery/tagged-json.ts';
import type { ChordPart, ChordStore } from '../chord-store.ts';
import { describeError, encodeException, NamedException } from '../exception.ts';
import { derivedId } from '../ids.ts';
import type { WireSignature } from '../message.ts';
import type { ResultUpdate } from '../result-store.ts';
import { abandonedUpdates } from './abandoned.ts';
import type { Execution } from './execution.ts';
import { type Followers, follow, isCalledInline, together } from './workflow.ts';

/** A part that has ended, and what comes after the whole. */
export interface EndedPart {
  readonly chordId: string;
  readonly part: ChordPart;
  readonly body: WireSignature;
}

/** What complete chords come to. */
export interface Completed {
  readonly followers: Followers;
  readonly updates: readonly ResultUpdate[];
  /** Chords whose bodies are sent. */
  readonly chordIds: readonly string[];
  /** Bodies that will not run, each a plain signature. */
  readonly failed: readonly FailedBody[];
}

export interface FailedBody {
  readonly body: WireSignature;
  /** Encoded ChordError. */
  readonly result: string;
}

type EndState = Pick<ChordPart, 'state' | 'result'>;

/** The run itself, and where it failed the parts behind it in its chain. */
export function endedParts({ id, message }: Execution, ended: EndState): readonly EndedPart[] {
  const { chord: body, chain } = message.embed;
  const { group: chordId, group_index: place } = message.headers;
  const { state, result } = ended;
  const index = typeof place === 'number' ? place : Number.POSITIVE_INFINITY;
  const own = body === null || chordId === null ? [] : [{ chordId, body, part: { index, taskId: id, state, result } }];
  return state === 'SUCCESS' ? own : [...own, ...partsIn(chain ?? [], ended)];
}

/** The parts of chords that these signatures end with. */
function partsIn(signatures: readonly WireSignature[], { state, result }: EndState): readonly EndedPart[] {
  return signatures.flatMap(endsOf).flatMap((signature): readonly EndedPart[] => {
    const body = chordOption(signature);
    const chordId = textOption(signature, 'group_id');
    if (body === undefined || chordId === undefined) return [];
    const { group_index: place } = signature.options;
    const index = typeof place === 'number' ? place : Number.POSITIVE_INFINITY;
    return [{ chordId, body, part: { index, taskId: textOption(signature, 'task_id') ?? '', state, result } }];
  });
}

/** Notes that these parts have ended, and those of other chords that end because a body will not run. */
export async function completeChords(
  execution: Execution,
  chords: ChordStore,
  parts: readonly EndedPart[],
): Promise<Completed> {
  const queue = [...parts];
  const all: Completed[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const progress = await chords.ended(next.chordId, next.part);
    if (progress.kind !== 'complete') continue;
    const completed = completedChord(execution, next, progress.parts);
    all.push(completed);
    for (const { body, result } of completed.failed) queue.push(...partsIn([body], { state: 'FAILURE', result }));
  }
  return {
    followers: together(all.map(({ followers }) => followers)),
    updates: all.flatMap(({ updates }) => updates),
    chordIds: all.flatMap(({ chordIds }) => chordIds),
    failed: all.flatMap(({ failed }) => failed),
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
    return { followers, updates: [], chordIds: [chordId], failed: [] };
  } catch (error) {
    return failedBody(execution, frozen, `Callback error: ${describeError(error)}`);
  }
}

/** A body that will not run ends as a failure; its chord is kept, so that a part that is sent back may complete it yet. */
function failedBody(execution: Execution, body: WireSignature, reason: string): Completed {
  const { log, runtime } = execution.environment;
  const result = encodeException(new NamedException('ChordError', reason));
  log.error(`chord failed: ${reason}`, { task: body.task, id: textOption(body, 'task_id') });
  const ends = endsOf(body);
  return {
    followers: together(ends.map((end) => errbacksOf(execution, end))),
    updates: abandonedUpdates(execution, [body], { state: 'FAILURE', result, doneAtMs: runtime.clock.now() }),
    chordIds: [],
    failed: ends.map((end) => ({ body: end, result })),
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
