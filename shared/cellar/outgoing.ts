/** Makes messages of signatures: the one place where options become headers. */
import type { OutgoingMessage } from './broker.ts';
import { compressed } from './celery/compression.ts';
import { argsRepr, kwargsRepr } from './celery/python-repr.ts';
import { isoDate } from './celery/tagged-json.ts';
import { toWireSignature } from './celery/wire-signature.ts';
import { errorOfProblems } from './errors.ts';
import { EMPTY_EMBED, type Embed, encodeMessage, type TaskHeaders } from './message.ts';
import { optionProblems } from './option-problems.ts';
import type { SendOptions, SignatureData } from './signature.ts';

/** Who sends, and when. */
export interface Origin {
  readonly nowMs: number;
  /** `gen<pid>@<host>`, as Celery names a producer. */
  readonly name: string;
  /** Where it hears of results, on a store that sends them as messages. */
  readonly replyTo?: string | undefined;
}

/** Where a task stands in its workflow. */
export interface Place extends Partial<Embed> {
  readonly groupId?: string | undefined;
  readonly groupIndex?: number | undefined;
  /** How often the task that it stands for replaced itself. */
  readonly nesting?: number | undefined;
}

/** Where a message comes from. */
export interface Lineage extends Place {
  readonly id: string;
  readonly rootId?: string | undefined;
  readonly parentId?: string | undefined;
  /** Set where a replay of the same step would send the same message again. */
  readonly deduplicationId?: string | undefined;
}

/** What `deduplicationId` is made of where an id may be sent more than once: one attempt, one id. */
export function attemptKey(id: string, retries: number, generation: number): string {
  return `${id}:${retries}:${generation}`;
}

/**
 * The message of one call, for the default exchange.
 * @throws CellarError `bad-arguments` with every unusable option; `bad-value` for an argument that cannot travel
 */
export function outgoingMessage(signature: SignatureData, lineage: Lineage, origin: Origin): OutgoingMessage {
  const { options } = signature;
  checkOptions(signature.task, options, origin.nowMs);
  const etaMs = dueTime(options, origin.nowMs);
  const headers = headersOf(signature, lineage, { origin, etaMs });
  const embed = embedOf(options, lineage);
  const deduplicationId = options.deduplicationId ?? lineage.deduplicationId;
  const replyTo = options.replyTo ?? origin.replyTo;
  const wire = encodeMessage({ headers, args: signature.args, kwargs: signature.kwargs, embed });
  return {
    ...(options.compression === undefined ? wire : compressed(wire, options.compression)),
    exchange: '',
    routingKey: options.queue,
    ...(options.messageGroup === undefined ? undefined : { messageGroup: options.messageGroup }),
    ...(deduplicationId === undefined ? undefined : { deduplicationId }),
    ...(replyTo === undefined ? undefined : { replyTo }),
    ...(etaMs === undefined ? undefined : { dueAtMs: etaMs }),
    ...(options.priority === undefined ? undefined : { priority: options.priority }),
  };
}

function headersOf(
  { task, args, kwargs, options }: SignatureData,
  lineage: Lineage,
  { origin, etaMs }: { readonly origin: Origin; readonly etaMs: number | undefined },
): TaskHeaders {
  const { expires } = options;
  const expiresMs = typeof expires === 'number' ? origin.nowMs + expires * 1000 : expires?.getTime();
  return {
    lang: 'js',
    task,
    id: lineage.id,
    shadow: options.shadow ?? null,
    eta: etaMs === undefined ? null : isoDate(new Date(etaMs)),
    expires: expiresMs === undefined ? null : isoDate(new Date(expiresMs)),
    group: lineage.groupId ?? null,
    group_index: lineage.groupIndex ?? null,
    retries: 0,
    timelimit: [options.timeLimitSeconds ?? null, options.softTimeLimitSeconds ?? null],
    root_id: lineage.rootId ?? lineage.id,
    parent_id: lineage.parentId ?? null,
    argsrepr: argsRepr(args),
    kwargsrepr: kwargsRepr(kwargs),
    origin: origin.name,
    ignore_result: options.ignoreResult ?? false,
    replaced_task_nesting: lineage.nesting ?? 0,
    stamped_headers: options.stamps === undefined ? null : Object.keys(options.stamps),
    stamps: options.stamps ?? {},
    ...options.headers,
  };
}

function embedOf({ link, linkError }: SendOptions, place: Place): Embed {
  const { callbacks = null, errbacks = null, chain = null, chord = null } = place;
  if (link === undefined && linkError === undefined && (callbacks ?? errbacks ?? chain ?? chord) === null)
    return EMPTY_EMBED;
  return {
    callbacks: link?.map(toWireSignature) ?? callbacks,
    errbacks: linkError?.map(toWireSignature) ?? errbacks,
    chain,
    chord,
  };
}

function dueTime({ countdown, eta }: SendOptions, nowMs: number): number | undefined {
  if (eta !== undefined) return eta.getTime();
  return countdown === undefined || countdown === 0 ? undefined : Math.ceil(nowMs + countdown * 1000);
}

/** @throws CellarError `bad-arguments` with every unusable option */
export function checkOptions(task: string, options: SendOptions, nowMs: number): void {
  if (Object.keys(options).length === 1) return; // just the queue
  const problems = optionProblems(options, nowMs);
  if (problems.length > 0) throw errorOfProblems('bad-arguments', `options of ${task}`, problems);
}
