/** Looks into workflows in wire form; foreign ones are read as leniently as Celery reads them. */
import { CellarError } from '../../errors.ts';
import type { WireSignature } from '../../message.ts';

/** The steps of a chain, or the members of a group. */
export function tasksOf({ task, kwargs }: WireSignature): readonly WireSignature[] {
  return signatures(kwargs.tasks, task);
}

/** The parts of a chord's header, which Celery writes as a list, or as a group once it is frozen. */
export function headerOf({ task, kwargs: { header } }: WireSignature): {
  readonly tasks: readonly WireSignature[];
  /** The group's id, where it is frozen. */
  readonly id: string | undefined;
} {
  if (!isSignature(header)) return { tasks: signatures(header, task), id: undefined };
  const tasks = header.subtask_type === 'group' ? tasksOf(header) : [header];
  return { tasks, id: textOption(header, 'task_id') };
}

export function bodyOf({ task, kwargs: { body } }: WireSignature): WireSignature {
  if (!isSignature(body)) throw malformed(task, 'no body');
  return body;
}

/** How many parts of a chord a member of its header is: a chain counts by its last step, a chord by its body. */
export function countOf(signature: WireSignature): number {
  switch (signature.subtask_type) {
    case 'chain':
      return (
        tasksOf(signature)
          .map(countOf)
          .findLast((count) => count > 0) ?? 0
      );
    case 'group':
      return tasksOf(signature).reduce((sum, task) => sum + countOf(task), 0);
    case 'chord':
      return countOf(bodyOf(signature));
    default:
      return 1;
  }
}

/** The id of the task that its result is that of, where it has one; of a group its own. */
export function resultId(signature: WireSignature): string | undefined {
  if (signature.subtask_type === 'chord') return resultId(bodyOf(signature));
  const last = signature.subtask_type === 'chain' ? tasksOf(signature).at(-1) : undefined;
  return last === undefined ? textOption(signature, 'task_id') : resultId(last);
}

/** Each plain signature in it. */
export function plainSignatures(signature: WireSignature): readonly WireSignature[] {
  switch (signature.subtask_type) {
    case 'chain':
    case 'group':
      return tasksOf(signature).flatMap(plainSignatures);
    case 'chord':
      return [...headerOf(signature).tasks, bodyOf(signature)].flatMap(plainSignatures);
    default:
      return [signature];
  }
}

export function textOption({ options }: WireSignature, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** A list of signatures under an option (`link`, `chain`); Celery takes one by itself for a list of one. */
export function listOption({ task, options }: WireSignature, name: string): readonly WireSignature[] {
  const value = options[name];
  if (value === undefined || value === null) return [];
  return signatures(Array.isArray(value) ? value : [value], task);
}

export function chordOption({ options: { chord } }: WireSignature): WireSignature | undefined {
  return isSignature(chord) ? chord : undefined;
}

function signatures(value: unknown, task: string): readonly WireSignature[] {
  if (!Array.isArray(value) || !value.every(isSignature)) throw malformed(task, 'no list of signatures');
  return value;
}

function isSignature(value: unknown): value is WireSignature {
  return typeof value === 'object' && value !== null && 'task' in value && 'options' in value;
}

function malformed(task: string, what: string): CellarError {
  return new CellarError('bad-message', `the signature of ${task} has ${what}`);
}

/** The tasks whose ends are that of the whole: the last of a chain, each of a group, the body of a chord. */
export function endsOf(signature: WireSignature): readonly WireSignature[] {
  switch (signature.subtask_type) {
    case 'chain':
      return tasksOf(signature).slice(-1).flatMap(endsOf);
    case 'group':
      return tasksOf(signature).flatMap(endsOf);
    case 'chord':
      return endsOf(bodyOf(signature));
    default:
      return [signature];
  }
}
