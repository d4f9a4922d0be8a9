/** Prints what worker nodes answered, as `celery inspect` does. */
import { CellarError } from '../../errors.ts';
import type { CommandContext } from '../command.ts';
import { plainText } from '../plain-text.ts';

/**
 * One block a node, or an object by node as JSON.
 * @throws CellarError `timeout` when nobody answered; `task-failed` when one answered with an error
 */
export function showAnswers(
  { output, common }: CommandContext,
  answers: ReadonlyMap<string, unknown>,
  timeoutMs: number,
): void {
  if (answers.size === 0) throw new CellarError('timeout', `no worker answered within ${timeoutMs / 1000} s`);
  const sorted = [...answers].sort(([one], [other]) => (one < other ? -1 : 1));
  if (common.json) output.json(Object.fromEntries(sorted));
  else for (const [node, answer] of sorted) output.text(block(node, answer));
  const failed = sorted.find(([, answer]) => errorOf(answer) !== undefined);
  if (failed !== undefined) throw new CellarError('task-failed', `${failed[0]} answered: ${errorOf(failed[1])}`);
  if (!common.json) output.note(sorted.length === 1 ? '1 worker answered' : `${sorted.length} workers answered`);
}

function block(node: string, answer: unknown): string {
  const error = errorOf(answer);
  const said = error ?? okOf(answer) ?? JSON.stringify(answer, undefined, 2);
  const lines = said.split('\n').map((line) => `    ${plainText(line)}\n`);
  return `-> ${plainText(node)}: ${error === undefined ? 'OK' : 'ERROR'}\n${lines.join('')}`;
}

function okOf(answer: unknown): string | undefined {
  return textOf(answer, 'ok');
}

function errorOf(answer: unknown): string | undefined {
  return textOf(answer, 'error');
}

/** Of an answer that is nothing but that. */
function textOf(answer: unknown, name: 'ok' | 'error'): string | undefined {
  if (typeof answer !== 'object' || answer === null || Object.keys(answer).length !== 1) return undefined;
  const text: unknown = Object.entries(answer).find(([key]) => key === name)?.[1];
  return typeof text === 'string' ? text : undefined;
}
