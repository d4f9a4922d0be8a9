/**
 * The worker's core: one delivery in, one settlement out, in named steps:
 * decode → too early, expired or revoked? → validate → claim (if `once`) → run → settle.
 * A message can never make it throw: what is wrong with one becomes its settlement.
 */
import type { Delivery, Settlement } from '../broker.ts';
import { timeOfIso } from '../celery/tagged-json.ts';
import { describeError, messageOf, NamedException } from '../exception.ts';
import { decodeMessage } from '../message.ts';
import { mayRetry, retryDelaySeconds } from '../retry-policy.ts';
import type { BoundHandler } from '../worker.ts';
import { bindArguments, describeIssues } from './bind-arguments.ts';
import { IgnoreDirective, RejectDirective, RetryDirective } from './directive.ts';
import { type Execution, handlerOf, limitsOf, openExecution, type WorkerEnvironment } from './execution.ts';
import type { Outbox } from './outbox.ts';
import type { Outcome } from './outcome.ts';
import { updateOf } from './result-update.ts';
import { settleExecution, settleFault, settleSurprise } from './settlement.ts';
import { openContext, RunControl } from './task-context.ts';
import { withTimeLimits } from './time-limits.ts';

const NOTHING_SENT: Outbox = { messages: [], childIds: [] };

/**
 * Runs one delivery to its settlement. `revoked` holds the ids among the batch that are revoked.
 * Never rejects.
 */
export async function processDelivery(
  delivery: Delivery,
  environment: WorkerEnvironment,
  revoked: ReadonlySet<string>,
): Promise<Settlement> {
  try {
    return await settlementFor(delivery, environment, revoked);
  } catch (error) {
    return settleSurprise(delivery, error, environment);
  }
}

async function settlementFor(
  delivery: Delivery,
  environment: WorkerEnvironment,
  revoked: ReadonlySet<string>,
): Promise<Settlement> {
  const decoded = decodeMessage(delivery.message);
  if (!decoded.ok) return settleFault(delivery, decoded, environment);
  const execution = openExecution(delivery, decoded.message, environment);
  const startedAtMs = execution.receivedAtMs;
  const early = refuse(execution, revoked);
  if (early !== undefined) return settleExecution(execution, early, { outbox: NOTHING_SENT });
  const handler = handlerOf(execution);
  if (handler === undefined) {
    const missing = new NamedException('NotRegistered', execution.message.headers.task);
    return settleExecution(execution, { kind: 'failed', error: missing }, { outbox: NOTHING_SENT });
  }
  const bound = bindArguments(handler.contract, execution.message.args, execution.message.kwargs);
  if (!bound.ok) {
    return settleExecution(
      execution,
      { kind: 'failed', error: new TypeError(bound.problem) },
      { outbox: NOTHING_SENT },
    );
  }
  const claimed = handler.contract.options.once === true ? await claim(execution, handler) : undefined;
  if (claimed !== undefined) return settleExecution(execution, claimed, { outbox: NOTHING_SENT });
  if (environment.trackStarted) await storeStarted(execution);
  const { outcome, outbox } = await run(execution, handler, bound.args);
  return settleExecution(execution, outcome, { outbox, startedAtMs });
}

/** Why a well-formed message is not run, if so. */
function refuse(
  { delivery, message, id, receivedAtMs, environment }: Execution,
  revoked: ReadonlySet<string>,
): Outcome | undefined {
  if (delivery.deliveryCount > environment.maxDeliveries) {
    const text = `delivered ${delivery.deliveryCount - 1} times without an outcome, allowed: ${environment.maxDeliveries}`;
    return { kind: 'failed', error: new NamedException('WorkerLostError', text) };
  }
  if (revoked.has(id)) return { kind: 'revoked' };
  const { expires, eta } = message.headers;
  if (expires !== null && timeOfIso(expires) <= receivedAtMs) return { kind: 'expired' };
  if (eta !== null && timeOfIso(eta) > receivedAtMs) return { kind: 'early', etaMs: timeOfIso(eta) };
  return undefined;
}

/** How long a claim holds where a task has no hard limit, in seconds. */
const DEFAULT_LEASE_SECONDS = 900;
/** What a lease adds to the hard limit, in seconds: the settlement comes after the run. */
const LEASE_MARGIN_SECONDS = 30;

async function claim(execution: Execution, handler: BoundHandler): Promise<Outcome | undefined> {
  const { id, retries, generation, environment } = execution;
  const { hardSeconds } = limitsOf(execution, handler);
  const lease = hardSeconds === null ? DEFAULT_LEASE_SECONDS : hardSeconds + LEASE_MARGIN_SECONDS;
  const owner = `${environment.workerName}:${execution.delivery.receipt}`;
  const found = await environment.results.claim({ id, retries, generation }, owner, lease);
  switch (found.kind) {
    case 'claimed':
      return undefined;
    case 'running':
      return { kind: 'running-elsewhere', untilMs: found.untilMs };
    case 'done':
      return { kind: 'done-before', result: found.result };
  }
}

async function storeStarted(execution: Execution): Promise<void> {
  const { environment, receivedAtMs } = execution;
  const result = JSON.stringify({ hostname: environment.workerName });
  await environment.results.store([updateOf(execution, { state: 'STARTED', result, startedAtMs: receivedAtMs })]);
}

/** Runs the handler under its limits; whatever it does becomes an outcome. */
async function run(
  execution: Execution,
  handler: BoundHandler,
  args: object,
): Promise<{ outcome: Outcome; outbox: Outbox }> {
  const control = new RunControl(execution);
  try {
    const context = openContext(execution, control);
    const value = await withTimeLimits(() => handler.run(context, args), limitsOf(execution, handler), {
      clock: execution.environment.runtime.clock,
      onSoft: (reason) => control.abort(reason),
    });
    return { outcome: outcomeOfReturn(execution, handler, value), outbox: control.outbox };
  } catch (error) {
    control.abort(new Error('the run is over'));
    return { outcome: outcomeOfThrow(execution, handler, error), outbox: NOTHING_SENT };
  } finally {
    control.end();
  }
}

function outcomeOfReturn(execution: Execution, handler: BoundHandler, value: unknown): Outcome {
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
  const delaySeconds = Math.max(0, asked ?? retryDelaySeconds(policy, retries, runtime.random));
  return { kind: 'retry', error: new NamedException('Retry', reason), delaySeconds };
}

function outcomeOfThrow(execution: Execution, handler: BoundHandler, error: unknown): Outcome {
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
