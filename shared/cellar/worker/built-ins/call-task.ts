import { NamedException } from '../../exception.ts';
import type { WireSignature } from '../../message.ts';
import { bindArguments, describeIssues } from '../bind-arguments.ts';
import { IgnoreDirective, RejectDirective, RetryDirective } from '../directive.ts';
import type { BuiltInRun } from './built-in.ts';

/**
 * Calls a task of this worker inside the run of another.
 * @throws NamedException `NotRegistered`; TypeError for arguments or a result that do not fit, or a retry, which only a
 *   task of its own can have; whatever the handler throws
 */
export async function callTask(
  { execution, context }: BuiltInRun,
  { task }: WireSignature,
  args: readonly unknown[],
): Promise<unknown> {
  const handler = execution.environment.handlers.get(task);
  if (handler === undefined) throw new NamedException('NotRegistered', task);
  const bound = bindArguments(handler.contract, args, {});
  if (!bound.ok) throw new TypeError(bound.problem);
  const value = await handler.run(context, bound.args);
  if (value instanceof RetryDirective || value instanceof RejectDirective || value instanceof IgnoreDirective)
    throw new TypeError(`${task}() asked for a retry, to be rejected or ignored, allowed: where it runs by itself`);
  const checked = handler.contract.options.returns?.['~standard'].validate(value);
  if (checked === undefined) return value;
  if (checked instanceof Promise)
    throw new TypeError('the schema of the result is asynchronous, allowed: synchronous ones');
  if (checked.issues !== undefined) throw new TypeError(`the result of ${task}() ${describeIssues(checked.issues)}`);
  return checked.value;
}
