/**
 * The worker's core: one delivery in, one settlement out, in named steps:
 * meant for this queue? → count the start → load → decode → too early, expired or revoked? → validate → claim (if
 * `once`) → run → settle.
 * A message can never make it throw: what is wrong with one becomes its settlement.
 */
import { loadLater } from '#later';
import type { Delivery, Settlement, WireMessage } from '../broker.ts';
import { encodeJson, timeOfIso } from '../celery/tagged-json.ts';
import { openChords } from '../chord-store.ts';
import { describeError, NamedException } from '../exception.ts';
import { type Decoded, decodeMessage, EMPTY_EMBED, hopsOf } from '../message.ts';
import type { ResultUpdate } from '../result-store.ts';
import { isStray, withBody } from './arrival.ts';
import { bindArguments } from './bind-arguments.ts';
import type { RunTrace } from './ending.ts';
import {
  type Execution,
  handlerOf,
  ignoresResult,
  openExecution,
  type Start,
  type WorkerEnvironment,
} from './execution.ts';
import { claimRun, unclaimRuns } from './once.ts';
import type { Outbox } from './outbox.ts';
import type { Outcome } from './outcome.ts';
import type { Conclusion } from './settlement.ts';
import { isCounted, knownStarts, noteEnd, noteStart } from './starts.ts';

/** Stands for the body of a message that is not run any more. */
const UNREAD = '[[],{},{}]';
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
    if (delivery.exchange !== undefined && (await isStray(delivery, environment)))
      return { delivery, publish: [], disposition: { kind: 'ack' } };
    if (isCounted(delivery, environment)) return await countedSettlement(delivery, environment, revoked);
    return await settlementOf({ delivery, starts: knownStarts(delivery, environment) }, environment, revoked);
  } catch (error) {
    await unclaimRuns([delivery], environment);
    return (await loadLater()).settleSurprise(delivery, error, environment);
  }
}

/** Of a message whose starts are counted: the count stays when the process dies before the end. */
async function countedSettlement(
  delivery: Delivery,
  environment: WorkerEnvironment,
  revoked: ReadonlySet<string>,
): Promise<Settlement> {
  const starts = await noteStart(delivery, environment);
  try {
    return await settlementOf({ delivery, starts }, environment, revoked);
  } finally {
    await noteEnd(delivery, environment);
  }
}

async function settlementOf(
  { delivery, starts }: Start,
  environment: WorkerEnvironment,
  revoked: ReadonlySet<string>,
): Promise<Settlement> {
  const decoded =
    delivery.bodyKey === undefined
      ? await decodeAny(delivery.message)
      : await decodeLarge({ delivery, starts }, environment);
  if (!decoded.ok) return (await loadLater()).settleFault(delivery, decoded, environment);
  const execution = await withBuiltIn(openExecution({ delivery, starts }, decoded.message, environment));
  const conclusion = await conclude(execution, revoked);
  const { settlement, abandoned, chords } = conclusion;
  if (chords.length > 0) await openChords(environment.chords, chords);
  if (abandoned.length > 0) await storeAbandoned(abandoned, environment);
  if (execution.message.embed === EMPTY_EMBED) return settlement;
  return await (await loadLater()).concludeWorkflow(execution, conclusion);
}

async function decodeLarge({ delivery, starts }: Start, environment: WorkerEnvironment): Promise<Decoded> {
  // It may be what killed the process: it is not loaded once more only to say so.
  if (starts > environment.maxDeliveries) return decodeMessage({ ...delivery.message, body: UNREAD });
  const wire = await withBody(delivery, environment);
  return wire === undefined ? (await loadLater()).payloadMissing(delivery) : await decodeAny(wire);
}

/** Celery's own tasks are known to each worker, unless it has a handler of that name. */
async function withBuiltIn(execution: Execution): Promise<Execution> {
  if (!execution.message.headers.task.startsWith('celery.')) return execution;
  const builtIn = (await loadLater()).builtInOf(execution);
  return builtIn === undefined ? execution : { ...execution, builtIn };
}

async function decodeAny(wire: WireMessage): Promise<Decoded> {
  const decoded = decodeMessage(wire);
  return decoded.ok ? decoded : await (await loadLater()).decodeForeign(wire, decoded);
}

async function conclude(execution: Execution, revoked: ReadonlySet<string>): Promise<Conclusion> {
  const { environment, message, receivedAtMs: startedAtMs } = execution;
  const workflow = message.embed === EMPTY_EMBED ? undefined : (await loadLater()).workflow;
  const notRun = (outcome: Outcome) => conclusionOf(execution, outcome, { outbox: NOTHING_SENT, workflow });
  const refused = refuse(execution, revoked);
  if (refused !== undefined) return notRun(refused);
  const handler = handlerOf(execution);
  if (handler === undefined) {
    return notRun({ kind: 'failed', error: new NamedException('NotRegistered', message.headers.task) });
  }
  const bound = bindArguments(handler.contract, message.args, message.kwargs);
  if (!bound.ok) return notRun({ kind: 'failed', error: new TypeError(bound.problem) });
  const claimed = handler.contract.options.once === true ? await claimRun(execution, handler) : undefined;
  if (claimed !== undefined) return notRun(claimed);
  if (environment.trackStarted && !ignoresResult(execution)) await storeStarted(execution);
  environment.monitor?.started(execution);
  const { outcome, outbox } = await environment.pool.run(execution, handler, bound.args);
  if (outcome.kind === 'lost') await unclaimRuns([execution.delivery], environment);
  const sent = outbox.canvases === undefined ? workflow : (await loadLater()).workflow;
  return conclusionOf(execution, outcome, { outbox, startedAtMs, workflow: sent });
}

/** Whoever watches is told of the outcome, also where it cannot be settled. */
async function conclusionOf(execution: Execution, outcome: Outcome, trace: RunTrace): Promise<Conclusion> {
  let conclusion: Conclusion | undefined;
  try {
    conclusion =
      plainConclusion(execution, outcome, trace) ?? (await loadLater()).concludeExecution(execution, outcome, trace);
    return conclusion;
  } finally {
    execution.environment.monitor?.ended(execution, outcome, conclusion?.settlement);
  }
}

const NOTHING: readonly never[] = [];

/** Of a single task that succeeded, sent nothing and stores nothing: all that most functions ever come to. */
function plainConclusion(execution: Execution, outcome: Outcome, { outbox }: RunTrace): Conclusion | undefined {
  const { delivery, message } = execution;
  const isPlain = message.embed === EMPTY_EMBED && outbox.messages.length === 0 && outbox.canvases === undefined;
  if (outcome.kind !== 'succeeded' || !isPlain || !ignoresResult(execution) || !isEncodable(outcome.value)) {
    return undefined;
  }
  const settlement: Settlement = { delivery, publish: NOTHING, disposition: { kind: 'ack' } };
  return { settlement, abandoned: NOTHING, chords: NOTHING };
}

/** A value that cannot travel fails its task, also where nobody asks for it. */
function isEncodable(value: unknown): boolean {
  try {
    encodeJson(value);
    return true;
  } catch {
    return false; // the conclusion of the failure says why
  }
}

/**
 * As Celery, which stores them before the failed task's own state. They are not part of the settlement: one that is
 * lost leaves them stored, and what the next run of the chain stores replaces them.
 */
async function storeAbandoned(
  updates: readonly ResultUpdate[],
  { results, log, queue }: WorkerEnvironment,
): Promise<void> {
  try {
    await results.store(updates);
  } catch (error) {
    log.error(`the steps of a chain that will not run are not marked: ${describeError(error)}`, { queue });
  }
}

/** Why a well-formed message is not run, if so. */
function refuse(execution: Execution, revoked: ReadonlySet<string>): Outcome | undefined {
  const { starts, message, id, receivedAtMs, environment } = execution;
  if (starts > environment.maxDeliveries) {
    const text = `delivered ${starts - 1} times without an outcome, allowed: ${environment.maxDeliveries}`;
    return { kind: 'failed', error: new NamedException('WorkerLostError', text) };
  }
  const hops = hopsOf(message.headers);
  if (hops > environment.maxHops) {
    const text = `${hops} tasks sent one another, allowed: ${environment.maxHops}`;
    return { kind: 'failed', error: new NamedException('HopLimitExceeded', text) };
  }
  if (revoked.has(id) || environment.monitor?.isRevoked(execution) === true) return { kind: 'revoked' };
  const { expires, eta } = message.headers;
  if (expires !== null && timeOfIso(expires) <= receivedAtMs) return { kind: 'expired' };
  if (eta !== null && timeOfIso(eta) > receivedAtMs) return { kind: 'early', etaMs: timeOfIso(eta) };
  return undefined;
}

async function storeStarted(execution: Execution): Promise<void> {
  const { environment, receivedAtMs } = execution;
  const result = JSON.stringify({ hostname: environment.workerName });
  const { updateOf } = await loadLater();
  await environment.results.store([updateOf(execution, { state: 'STARTED', result, startedAtMs: receivedAtMs })]);
}
