/**
 * Freezes work, as Celery calls it: fixes the id of each task in it, and marks those that count towards a chord
 * (celery/canvas.py, `freeze` and `prepare_steps`). All ids derive from one, so that a replay fixes the same; ids and
 * marks that a signature has already stay.
 */
import { chordPartId, derivedId } from '../../ids.ts';
import type { WireSignature } from '../../message.ts';
import { wireChain, wireChord, wireGroup } from '../wire-signature.ts';
import { chainSteps, chordParts, groupMembers } from './hand-down.ts';
import { bodyOf, chordOption, countOf, resultId, textOption } from './parts.ts';

type Options = WireSignature['options'];

/** What freezing puts on work. */
export interface Marks {
  /** Of the task that its result is that of: the last of a chain, the body of a chord; of a group, its own. */
  readonly id: string;
  readonly groupId?: string | undefined;
  readonly groupIndex?: number | undefined;
  /** The body of the chord that it is a part of. */
  readonly chord?: WireSignature | undefined;
  /** It is a part of a chord whose body it gets later. */
  readonly isPart?: boolean | undefined;
  /** Of how many chords around it, all with the same result, it is the body. @default 0 */
  readonly depth?: number | undefined;
  /** Where the caller hears of results. */
  readonly replyTo?: string | undefined;
}

export function freeze(signature: WireSignature, given: Marks): WireSignature {
  const marks = ownMarks(signature, given);
  switch (signature.subtask_type) {
    case 'chain':
      return freezeChain(signature, marks);
    case 'group':
      return freezeGroup(signature, marks);
    case 'chord':
      return freezeChord(signature, marks);
    default:
      return { ...signature, options: { ...signature.options, ...markOptions(marks) } };
  }
}

function ownMarks(signature: WireSignature, given: Marks): Marks {
  const { group_index: index } = signature.options;
  return {
    id: textOption(signature, 'task_id') ?? given.id,
    groupId: textOption(signature, 'group_id') ?? given.groupId,
    groupIndex: typeof index === 'number' ? index : given.groupIndex,
    chord: chordOption(signature) ?? given.chord,
    isPart: given.isPart,
    depth: given.depth,
    replyTo: textOption(signature, 'reply_to') ?? given.replyTo,
  };
}

function markOptions({ id, replyTo, groupId, chord, groupIndex }: Marks): Options {
  return {
    task_id: id,
    ...(replyTo === undefined ? undefined : { reply_to: replyTo }),
    ...(groupId === undefined ? undefined : { group_id: groupId }),
    ...(chord === undefined ? undefined : { chord }),
    ...(groupIndex === undefined ? undefined : { group_index: groupIndex }),
  };
}

/** Only the last of a chain counts towards a chord. */
function freezeChain(signature: WireSignature, marks: Marks): WireSignature {
  const steps = chainSteps(signature);
  const last = steps.length - 1;
  const frozen = steps.map((step, index) =>
    freeze(step, index === last ? marks : { id: derivedId(marks.id, 'step', index), replyTo: marks.replyTo }),
  );
  return { ...wireChain(frozen, idOf(frozen.at(-1), marks)), immutable: signature.immutable };
}

/** In a chord its members are parts of that: then its id is the chord's, as Celery has it. */
function freezeGroup(signature: WireSignature, marks: Marks): WireSignature {
  const { chord, isPart = chord !== undefined, groupId = marks.id, replyTo } = marks;
  const id = isPart ? groupId : marks.id;
  const groupIndex = isPart ? marks.groupIndex : 0;
  const members = freezeMembers(groupMembers(signature), { id, groupId: id, groupIndex, chord, isPart, replyTo });
  const options = isPart ? markOptions({ ...marks, id }) : { task_id: id };
  return { ...wireGroup(members, options), immutable: signature.immutable };
}

/** The members of a group or header of this id, `groupIndex` that of the first. */
function freezeMembers(tasks: readonly WireSignature[], { id: seed, groupIndex = 0, ...marks }: Marks) {
  let index = groupIndex;
  return tasks.map((task) => {
    const frozen = freeze(task, { ...marks, id: chordPartId(seed, index), groupIndex: index });
    index += countOf(task);
    return frozen;
  });
}

/**
 * Its parts get the body and the header's id when they are sent, not before: the body would stand there once for each, and
 * a Celery worker gives the header another id. As in Celery the id of a frozen chord is that of its header.
 */
function freezeChord(signature: WireSignature, marks: Marks): WireSignature {
  const { id, depth = 0, replyTo } = marks;
  const { tasks, headerId = frozenHeaderId(signature) ?? derivedId(id, 'header', depth), body } = chordParts(signature);
  const frozenBody = freeze(body, { ...marks, depth: depth + 1 });
  const header = wireGroup(freezeMembers(tasks, { id: headerId, isPart: true, replyTo }), { task_id: headerId });
  return { ...wireChord(header, frozenBody, { task_id: headerId }), immutable: signature.immutable };
}

/** Celery forgets the header's own id on the way: a chord whose body has one is frozen. */
function frozenHeaderId(chord: WireSignature): string | undefined {
  return resultId(bodyOf(chord)) === undefined ? undefined : textOption(chord, 'task_id');
}

function idOf(result: WireSignature | undefined, marks: Marks): Options {
  return { task_id: (result === undefined ? undefined : resultId(result)) ?? marks.id };
}
