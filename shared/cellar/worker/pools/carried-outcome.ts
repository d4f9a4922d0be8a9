/** An outcome as a value that crosses between threads and processes. */
import { decodeJson, encodeJson } from '../../celery/tagged-json.ts';
import type { Outcome } from '../outcome.ts';
import { type CarriedError, carryError, errorOfCarried } from './carried-error.ts';

/** Results as JSON text and errors taken apart; the rest is values as it is. */
export type CarriedOutcome =
  | { readonly kind: 'value'; readonly json: string }
  | { readonly kind: 'error'; readonly error: CarriedError; readonly outcome: object }
  | { readonly kind: 'plain'; readonly outcome: Outcome };

/** @throws CellarError `bad-value` for a result that JSON cannot carry */
export function carryOutcome(outcome: Outcome): CarriedOutcome {
  if (outcome.kind === 'succeeded') return { kind: 'value', json: encodeJson(outcome.value) };
  if (!('error' in outcome)) return { kind: 'plain', outcome };
  const { error, ...rest } = outcome;
  return { kind: 'error', error: carryError(error), outcome: rest };
}

export function outcomeOfCarried(carried: CarriedOutcome): Outcome {
  switch (carried.kind) {
    case 'value':
      return { kind: 'succeeded', value: decodeJson(carried.json) };
    case 'error':
      // Only an outcome that had an error was taken apart so.
      return { ...carried.outcome, error: errorOfCarried(carried.error) } as Outcome;
    case 'plain':
      return carried.outcome;
  }
}
