/** celery.group, celery.chord, celery.chain: workflows that are sent as tasks, as older Celeries did. */
import { isSignature, isSignatureList } from '../../celery/signature-shape.ts';
import { wireChord, wireGroup } from '../../celery/wire-signature.ts';
import { TaskException } from '../../exception.ts';
import type { WireSignature } from '../../message.ts';
import { type BuiltIn, named } from './built-in.ts';
import { resultTuple } from './result-tuples.ts';

export const group: BuiltIn = ({ call, send }) => {
  const {
    tasks,
    result,
    group_id: id,
    partial_args: args,
  } = named(call, 'tasks', 'result', 'group_id', 'partial_args');
  if (!isSignatureList(tasks)) throw new TypeError('tasks is no list of signatures');
  const sent = send(wireGroup(tasks, typeof id === 'string' ? { task_id: id } : {}), listOf(args));
  return result ?? resultTuple(sent);
};

export const chord: BuiltIn = ({ call, send }) => {
  const { header, body, partial_args: args } = named(call, 'header', 'body', 'partial_args');
  if (!isSignature(body)) throw new TypeError('body is no signature');
  const { task_id: id } = body.options;
  const options = id === undefined ? {} : { task_id: id };
  return resultTuple(send(wireChord(headerGroup(header), body, options), listOf(args)));
};

export const chain: BuiltIn = () => {
  throw new TaskException('NotImplementedError', ['chain is not a real task'], 'builtins');
};

function headerGroup(header: unknown): WireSignature {
  if (isSignature(header)) return header.subtask_type === 'group' ? header : wireGroup([header]);
  if (!isSignatureList(header)) throw new TypeError('header is no list of signatures');
  return wireGroup(header);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
