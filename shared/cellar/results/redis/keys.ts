/** The names of keys: Celery's own (celery/backends/base.py), and beside them those that begin with `cellar:`. */

export interface Keys {
  /** A task's state, and the channel on which its changes are told. */
  task(id: string): string;
  /** One of a chord's keys: its ended parts, how many were added later, its size. */
  chord(id: string, part: '.j' | '.t' | '.s'): string;
  /** Which tasks changed last. */
  readonly recent: string;
  readonly schedules: string;
  claim(key: { readonly id: string; readonly retries: number; readonly generation: number }): string;
  revoked(id: string): string;
  starts(messageId: string): string;
}

export function keysWith(prefix: string): Keys {
  return {
    task: (id) => `${prefix}celery-task-meta-${id}`,
    chord: (id, part) => `${prefix}celery-taskset-meta-${id}${part}`,
    recent: `${prefix}cellar:recent`,
    schedules: `${prefix}cellar:schedules`,
    claim: ({ id, retries, generation }) => `${prefix}cellar:claim:${id}:${generation}.${retries}`,
    revoked: (id) => `${prefix}cellar:revoked:${id}`,
    starts: (messageId) => `${prefix}cellar:starts:${messageId}`,
  };
}
