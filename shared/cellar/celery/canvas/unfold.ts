/** Frozen work becomes the tasks that are sent now; what comes after them travels with them. */
import type { ChordToOpen } from '../../chord-store.ts';
import { derivedId } from '../../ids.ts';
import type { WireSignature } from '../../message.ts';
import { wireChain, wireChord, wireGroup } from '../wire-signature.ts';
import { freeze, type Marks } from './freeze.ts';
import { bodyOf, countOf, headerOf, listOption, resultId, tasksOf, textOption } from './parts.ts';

export interface Unfolded {
  /** Plain signatures: `options` has ids, links, chord, and the chain that follows. */
  readonly tasks: readonly WireSignature[];
  /** Chords whose parts are among the tasks: to be opened before those are sent. */
  readonly chords: readonly ChordToOpen[];
}

export interface Given {
  /** Put in front of the arguments of each task that is sent now, unless it is immutable. */
  readonly args?: readonly unknown[];
  /** What follows the whole, in reverse. */
  readonly chain?: readonly WireSignature[];
}

/** @throws CellarError `bad-message` for a foreign workflow whose parts are no signatures */
export function unfold(signature: WireSignature, { args = [], chain = [] }: Given = {}): Unfolded {
  const given = {
    args: signature.immutable ? [] : args,
    chain: [...chain, ...listOption(signature, 'chain')],
  };
  switch (signature.subtask_type) {
    case 'chain':
      return unfoldChain(signature, given);
    case 'group':
      return unfoldGroup(signature, given);
    case 'chord':
      return unfoldChord(signature, given);
    default:
      return { tasks: [withGiven(signature, given)], chords: [] };
  }
}

type All = Required<Given>;

function withGiven(signature: WireSignature, { args, chain }: All): WireSignature {
  const { chain: _own, ...options } = signature.options;
  return {
    ...signature,
    args: [...args, ...signature.args],
    options: chain.length === 0 ? options : { ...options, chain },
  };
}

function unfoldChain(signature: WireSignature, { args, chain }: All): Unfolded {
  const [first, ...rest] = tasksOf(signature);
  if (first === undefined) return { tasks: [], chords: [] };
  return unfold(first, { args, chain: [...chain, ...rest.toReversed()] });
}

/** A group that something follows is the header of a chord. */
function unfoldGroup(signature: WireSignature, { args, chain }: All): Unfolded {
  if (chain.length === 0) return allOf(tasksOf(signature).map((task) => unfold(task, { args })));
  const id = textOption(signature, 'task_id') ?? '';
  const chord = wireChord(wireGroup(tasksOf(signature), { task_id: id }), wireChain(chain.toReversed()));
  return unfold(freeze(chord, { id: derivedId(id, 'body') }), { args });
}

/** As in Celery a body carries the id of its header, unless it is itself a part of another chord. */
function unfoldChord(signature: WireSignature, { args, chain }: All): Unfolded {
  const { tasks, id = '' } = headerOf(signature);
  const body = withMarks(followed(bodyOf(signature), chain), { groupId: id });
  const size = tasks.reduce((sum, task) => sum + countOf(task), 0);
  if (size === 0) return unfold(body, { args: [[]] });
  const parts = tasks.map((task) => withMarks(task, { groupId: id, chord: body }));
  const sent = allOf(parts.map((task) => unfold(task, { args })));
  return { tasks: sent.tasks, chords: [{ id, size }, ...sent.chords] };
}

/** What is frozen stays so: this adds what it has not. */
function withMarks(signature: WireSignature, marks: Omit<Marks, 'id'>): WireSignature {
  return freeze(signature, { ...marks, id: resultId(signature) ?? '' });
}

/** A body with what follows the whole chord, which is frozen already. */
function followed(body: WireSignature, chain: readonly WireSignature[]): WireSignature {
  if (chain.length === 0) return body;
  const last = chain[0];
  return freeze(wireChain([body, ...chain.toReversed()]), { id: (last && resultId(last)) ?? '' });
}

function allOf(all: readonly Unfolded[]): Unfolded {
  return { tasks: all.flatMap(({ tasks }) => tasks), chords: all.flatMap(({ chords }) => chords) };
}
