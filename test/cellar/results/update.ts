import type { ResultUpdate } from '../../../shared/cellar/result-store.ts';

/** A state of a task, as a worker stores it. */
export function update(id: string, state: string, fields: Partial<ResultUpdate> = {}): ResultUpdate {
  return {
    id,
    state,
    result: '42',
    attempt: { retries: 0, generation: 0 },
    task: 'tests.tasks.note',
    args: '[42]',
    kwargs: '{}',
    queue: 'mail',
    worker: 'worker@host',
    ...fields,
  };
}
