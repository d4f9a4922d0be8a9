/** A command of remote control: what it may use, and how its arguments are read. */
import type { Client } from '../client.ts';
import { NamedException } from '../exception.ts';
import type { Autoscaler } from './autoscaler.ts';
import type { NodeQueues } from './node-queues.ts';
import type { WorkerNode } from './worker-node.ts';

export interface NodeContext {
  readonly node: WorkerNode;
  readonly queues: NodeQueues;
  readonly cellar: Client;
  /** Absent where the size is not by need. */
  readonly autoscaler: Autoscaler | undefined;
  readonly version: string;
  /** Ends the node's process as SIGTERM does. */
  askStop(): void;
}

/** Of JSON: whatever the asker put there. */
export type CommandArguments = Readonly<Record<string, unknown>>;

/** Answers a JSON value, or {@link NO_ANSWER}; what it throws is answered as an error. */
export type Command = (context: NodeContext, args: CommandArguments) => unknown;

/** What a command answers that gives no answer. */
export const NO_ANSWER = Symbol('no answer');

export const ok = (text: string) => ({ ok: text });
export const refused = (text: string) => ({ error: text });

/** @throws TypeError as Python's for a call that lacks an argument */
export function textArgument(args: CommandArguments, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw wrong(`the argument ${name} is ${JSON.stringify(value)}, allowed: a text`);
  return value;
}

/** One text or a list of texts. */
export function textsArgument(args: CommandArguments, name: string): readonly string[] {
  const value = [args[name] ?? []].flat();
  if (!value.every((item) => typeof item === 'string'))
    throw wrong(`the argument ${name} is ${JSON.stringify(args[name])}, allowed: texts`);
  return value;
}

/** A whole number, also as text; `undefined` where there is none. */
export function countArgument(args: CommandArguments, name: string): number | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < 0)
    throw wrong(`the argument ${name} is ${JSON.stringify(value)}, allowed: a whole number`);
  return count;
}

/** Seconds; `null` where there are none. */
export function secondsArgument(args: CommandArguments, name: string): number | null {
  const value = args[name] ?? null;
  if (value !== null && !(typeof value === 'number' && value > 0))
    throw wrong(`the argument ${name} is ${JSON.stringify(value)}, allowed: seconds above 0`);
  return value;
}

function wrong(text: string): NamedException {
  return new NamedException('TypeError', text);
}
