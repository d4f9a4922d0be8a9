/** celery.map, celery.starmap, celery.chunks: one task over many items. */

import { isSignature } from '../../celery/signature-shape.ts';
import { wireGroup } from '../../celery/wire-signature.ts';
import { chordPartId } from '../../ids.ts';
import type { WireSignature } from '../../message.ts';
import { type BuiltIn, type Call, named } from './built-in.ts';
import { callTask } from './call-task.ts';
import { resultTuple } from './result-tuples.ts';

/** Calls the task with each item, one after the other. */
export const map: BuiltIn = async (run) => {
  const { task, items } = itemsOf(run.call);
  const results: unknown[] = [];
  for (const item of items) results.push(await callTask(run, task, [item]));
  return results;
};

/** As map, each item being the list of the arguments. */
export const starmap: BuiltIn = async (run) => {
  const { task, items } = itemsOf(run.call);
  const results: unknown[] = [];
  for (const item of items) {
    if (!Array.isArray(item)) throw new TypeError('an item of it is no list of arguments');
    results.push(await callTask(run, task, item));
  }
  return results;
};

/** Sends a group of starmaps, each over `n` items. */
export const chunks: BuiltIn = ({ call, execution, send }) => {
  const { task, items } = itemsOf(call);
  const { n } = named(call, 'task', 'it', 'n');
  if (typeof n !== 'number' || !(Number.isInteger(n) && n >= 1))
    throw new TypeError(`n is ${JSON.stringify(n)}, allowed: a whole number from 1`);
  const starts = Array.from({ length: Math.ceil(items.length / n) }, (_, index) => index * n);
  const queue = execution.environment.queueOf(task.task);
  const parts = starts.map((from) => starmapOf(task, items.slice(from, from + n), queue));
  const id = send(wireGroup(parts));
  return resultTuple(
    id,
    parts.map((_part, index) => chordPartId(id, index)),
  );
};

function starmapOf(task: WireSignature, it: readonly unknown[], queue: string): WireSignature {
  return {
    task: 'celery.starmap',
    args: [],
    kwargs: { task, it },
    options: { queue },
    subtask_type: null,
    immutable: true,
  };
}

function itemsOf(call: Call): { readonly task: WireSignature; readonly items: readonly unknown[] } {
  const { task, it } = named(call, 'task', 'it');
  if (!isSignature(task)) throw new TypeError('task is no signature');
  if (!Array.isArray(it)) throw new TypeError('it is no list');
  return { task, items: it };
}
