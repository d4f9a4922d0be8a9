import { describeError } from '../exception.ts';
import type { WorkerEnvironment } from './execution.ts';

/** Forgets chords whose bodies are sent. Never rejects: one that stays is only kept until its time is over. */
export async function forgetChords(ids: readonly string[], { chords, log, queue }: WorkerEnvironment): Promise<void> {
  try {
    await Promise.all(ids.map((id) => chords?.forget(id)));
  } catch (error) {
    log.warn(`a chord is kept although its body was sent: ${describeError(error)}`, { queue });
  }
}
