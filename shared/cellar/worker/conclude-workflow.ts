/** What the end of a run means for the workflow that it stands in. Loaded for messages that stand in one. */
import type { Settlement } from '../broker.ts';
import { listOption } from '../celery/canvas/parts.ts';
import { openChords } from '../chord-store.ts';
import { type Completed, completeChords, endedParts } from './chord-parts.ts';
import type { Execution } from './execution.ts';
import { callErrbacks, failedBodyOf, failedTaskOf } from './inline-errbacks.ts';
import type { Conclusion } from './settlement.ts';
import { type Followers, together } from './workflow.ts';

/**
 * The settlement with the bodies of chords that are complete now, and what errbacks sent that were called here.
 *
 * Where a settlement is no transaction the result is stored before a part is counted: a store may read the parts' results
 * there. Where it is one, the chord keeps what it needs, and nothing is stored that the transaction would have to take back.
 */
export async function concludeWorkflow(execution: Execution, conclusion: Conclusion): Promise<Settlement> {
  const { chords, results, capabilities } = execution.environment;
  const { settlement, ended, endedBefore, update } = conclusion;
  const state = ended ?? endedBefore;
  if (state === undefined) return settlement;
  const parts = chords === undefined ? [] : endedParts(execution, state);
  const isStoredFirst = parts.length > 0 && !capabilities.transactional && update !== undefined;
  if (isStoredFirst) await results.store([update]);
  const completed = chords === undefined ? NOTHING : await completeChords(execution, chords, parts);
  const { messages, chords: toOpen } = together([
    completed.followers,
    await errbacks(execution, conclusion, completed),
  ]);
  await openChords(chords, toOpen);
  if (completed.updates.length > 0) await results.store(completed.updates);
  const { result, ...rest } = settlement;
  return {
    ...rest,
    publish: messages.length === 0 ? rest.publish : [...rest.publish, ...messages],
    ...(isStoredFirst || result === undefined ? undefined : { result }),
    ...(completed.chordIds.length === 0 ? undefined : { completes: completed.chordIds }),
  };
}

const NOTHING: Completed = { followers: { messages: [], chords: [] }, updates: [], chordIds: [], failed: [] };

/** Those of the task where it failed just now, and those of bodies that will not run. */
async function errbacks(execution: Execution, { ended }: Conclusion, { failed }: Completed): Promise<Followers> {
  const called: Followers[] = [];
  const own = execution.message.embed.errbacks ?? [];
  if (ended?.state === 'FAILURE')
    called.push(await callErrbacks(execution, own, { failed: failedTaskOf(execution), failure: ended }));
  for (const { body, result } of failed) {
    const given = { failed: failedBodyOf(body, execution), failure: { result } };
    called.push(await callErrbacks(execution, listOption(body, 'link_error'), given));
  }
  return together(called);
}
