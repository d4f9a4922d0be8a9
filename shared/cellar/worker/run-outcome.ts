/** What a handler's return or throw means: its outcome. */
import { describeError, messageOf, NamedException } from '../exception.ts';
import { mayRetry, retryDelaySeconds } from '../retry-policy.ts';
import type { BoundHandler } from '../worker.ts';
import { describeIssues } from './bind-arguments.ts';
import { IgnoreDirective, RejectDirective, RetryDirective } from './directive.ts';
import type { Execution } from './execution.ts';
import type { Outcome } from './outcome.ts';

export function outcomeOfReturn(execution: Execution, handler: BoundHandler, value: unknown): Outcome {
  if (value instanceof RetryDirective) return outcomeOfRetry(execution, handler, value);
  if (value instanceof RejectDirective) return { kind: 'rejected', reason: value.reason };
  if (value instanceof IgnoreDirective) return { kind: 'ignored' };
  const { returns } = handler.contract.options;
  if (returns === undefined) return { kind: 'succeeded', value };
  const checked = returns['~standard'].validate(value);
  if (checked instanceof Promise) return failure('the schema of the result is asynchronous, allowed: synchronous ones');
  if (checked.issues !== undefined) return failure(`the result ${describeIssues(checked.issues)}`);
  return { kind: 'succeeded', value: checked.value };
}

function failure(message: string): Outcome {
  return { kind: 'failed', error: new TypeError(message) };
}

function outcomeOfRetry(execution: Execution, handler: BoundHandler, { request }: RetryDirective): Outcome {
  const { retries, environment } = execution;
  const policy = handler.contract.options.retry ?? {};
  const reason = request.reason ?? 'the task asked for a retry';
  if (!mayRetry(request.maxRetries === undefined ? policy.maxRetries : request.maxRetries, retries)) {
    const text = `can't retry ${execution.message.headers.task}[${execution.id}] after ${retries} retries: ${reason}`;
    return { kind: 'failed', error: new NamedException('MaxRetriesExceededError', text) };
  }
  const { runtime } = environment;
  const asked = request.eta === undefined ? request.countdown : (request.eta.getTime() - runtime.clock.now()) / 1000;
  if (Number.isNaN(asked)) return failure('the retry has a countdown or eta that is no number');
  const delaySeconds = Math.max(0, asked ?? retryDelaySeconds(policy, retries, runtime.random));
  return { kind: 'retry', error: new NamedException('Retry', reason), delaySeconds };
}

export function outcomeOfThrow(execution: Execution, handler: BoundHandler, error: unknown): Outcome {
  const { retry: policy } = handler.contract.options;
  const { retries, environment } = execution;
  environment.log.debug(`task threw ${describeError(error)}`, { task: handler.contract.name, id: execution.id });
  try {
    const wanted = policy !== undefined && mayRetry(policy.maxRetries, retries) && (policy.when?.(error) ?? true);
    if (!wanted) return { kind: 'failed', error };
  } catch (fault) {
    return { kind: 'failed', error: new Error(`retry.when threw ${messageOf(fault)}`, { cause: error }) };
  }
  return { kind: 'retry', error, delaySeconds: retryDelaySeconds(policy, retries, environment.runtime.random) };
}
