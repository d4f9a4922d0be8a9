/**
 * The task message: Celery's protocol 2 (celery docs/internals/protocol.rst, celery/app/amqp.py `as_task_v2`),
 * the model for every broker. Headers keep Celery's own names; ours begin with `x-cellar-`.
 */
import type { Headers, WireMessage } from './broker.ts';
import { isSignature, isSignatureList } from './celery/signature-shape.ts';
import { decodeJson, encodeJson, timeOfIso } from './celery/tagged-json.ts';
import { CellarError } from './errors.ts';

/** The headers of a task message. All of Celery's are always sent, null when unset. */
export interface TaskHeaders extends Headers {
  readonly lang: string;
  readonly task: string;
  readonly id: string;
  readonly shadow: string | null;
  readonly eta: string | null;
  readonly expires: string | null;
  readonly group: string | null;
  readonly group_index: number | null;
  readonly retries: number;
  /** [hard, soft] in seconds. */
  readonly timelimit: readonly [number | null, number | null];
  readonly root_id: string;
  readonly parent_id: string | null;
  readonly argsrepr: string;
  readonly kwargsrepr: string;
  readonly origin: string;
  readonly ignore_result: boolean;
  readonly replaced_task_nesting: number;
  readonly stamped_headers: readonly string[] | null;
  readonly stamps: Readonly<Record<string, unknown>>;
}

/** How often the message was redriven from a dead-letter queue. */
export const GENERATION_HEADER = 'x-cellar-generation';
/** Names the exchange that copied the message: each queue's copy then has an id of its own. */
export const EXCHANGE_HEADER = 'x-cellar-exchange';

/** How many tasks sent one another before this one; absent for one that a program sent. Retries are not counted. */
export const HOPS_HEADER = 'x-cellar-hops';

/** A signature as Celery's JSON has it, inside `embed`. */
export interface WireSignature {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly subtask_type: string | null;
  readonly immutable: boolean;
}

/** What the worker does after the task. `chain` is in reverse: its last element runs next. */
export interface Embed {
  readonly callbacks: readonly WireSignature[] | null;
  readonly errbacks: readonly WireSignature[] | null;
  readonly chain: readonly WireSignature[] | null;
  readonly chord: WireSignature | null;
}

export interface TaskMessage {
  readonly headers: TaskHeaders;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly embed: Embed;
}

export const EMPTY_EMBED: Embed = { callbacks: null, errbacks: null, chain: null, chord: null };
const EMPTY_EMBED_JSON = JSON.stringify(EMPTY_EMBED);

/**
 * Encodes a message; the wire form is a JSON list of exactly three.
 * @throws CellarError `bad-value` when an argument cannot travel
 */
export function encodeMessage(message: TaskMessage): WireMessage {
  const embed = message.embed === EMPTY_EMBED ? EMPTY_EMBED_JSON : encodeJson(message.embed);
  return {
    headers: message.headers,
    contentType: JSON_TYPE,
    contentEncoding: 'utf-8',
    body: `[${encodeJson(message.args)},${encodeJson(message.kwargs)},${embed}]`,
    correlationId: message.headers.id,
  };
}

export type DecodeFaultCode =
  | 'bad-content-type'
  | 'pickle-refused'
  | 'bad-content-encoding'
  /** `celery/foreign-message.ts` decompresses it. */
  | 'compressed'
  | 'unsupported-compression'
  | 'bad-body'
  | 'bad-header'
  | 'missing-id'
  | 'payload-missing'
  | 'missing-task';

/** Bytes that are no task message: why, and what could be read of it. */
export interface DecodeFault {
  readonly ok: false;
  readonly code: DecodeFaultCode;
  readonly reason: string;
  readonly id: string | undefined;
  readonly task: string | undefined;
}

export type Decoded = { readonly ok: true; readonly message: TaskMessage } | DecodeFault;

/** Decodes what a queue delivered. Never throws: a fault is a value. */
export function decodeMessage(wire: WireMessage): Decoded {
  const format = formatFault(wire);
  if (format !== undefined) return faultOf(wire.headers, ...format);
  const missing = missingFault(wire.headers);
  if (missing !== undefined) return faultOf(wire.headers, ...missing);
  const parts = parseBody(wire.body);
  return typeof parts === 'string'
    ? faultOf(wire.headers, 'bad-body', parts)
    : messageOfParts(wire.headers, parts.value);
}

/** A message of its headers and its body, which is not parsed any more. Never throws. */
export function messageOfParts(headers: Headers, parts: unknown): Decoded {
  const missing = missingFault(headers);
  if (missing !== undefined) return faultOf(headers, ...missing);
  const typed = typedHeaders(headers, String(headers.id), String(headers.task));
  if (typeof typed === 'string') return faultOf(headers, 'bad-header', typed);
  const body = bodyOf(parts);
  if (typeof body === 'string') return faultOf(headers, 'bad-body', body);
  return { ok: true, message: { headers: typed, ...body } };
}

function faultOf(headers: Headers, code: DecodeFaultCode, reason: string): DecodeFault {
  return { ok: false, code, reason, id: textOf(headers.id), task: textOf(headers.task) };
}

function missingFault(headers: Headers): [DecodeFaultCode, string] | undefined {
  if (textOf(headers.task) === undefined) return ['missing-task', 'the header task is missing'];
  return textOf(headers.id) === undefined ? ['missing-id', 'the header id is missing'] : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const JSON_TYPE = 'application/json';

function formatFault(wire: WireMessage): [DecodeFaultCode, string] | undefined {
  const type = wire.contentType === JSON_TYPE ? JSON_TYPE : wire.contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-python-serialize')
    return ['pickle-refused', 'the body is pickled, allowed: application/json'];
  if (type !== JSON_TYPE) {
    return ['bad-content-type', `content type is ${JSON.stringify(wire.contentType)}, allowed: application/json`];
  }
  const compression = wire.headers.compression;
  if (compression !== undefined && compression !== null) {
    return ['compressed', `the body is compressed, ${JSON.stringify(compression)}`];
  }
  const encoding = wire.contentEncoding;
  if (encoding === 'utf-8' || typeof wire.body === 'string' || /^(|utf-?8|us-ascii|ascii)$/i.test(encoding))
    return undefined;
  return ['bad-content-encoding', `content encoding is ${JSON.stringify(encoding)}, allowed: utf-8`];
}

/** The headers with defaults where a foreign producer leaves some out, or what is wrong with them. */
function typedHeaders(headers: Headers, id: string, task: string): TaskHeaders | string {
  const { retries = 0, timelimit, eta = null, expires = null, root_id: root } = headers;
  if (!Number.isSafeInteger(retries) || Number(retries) < 0)
    return `the header retries is ${JSON.stringify(retries)}, allowed: a whole number from 0`;
  for (const [name, value] of [
    ['eta', eta],
    ['expires', expires],
  ] as const) {
    if (value !== null && (typeof value !== 'string' || Number.isNaN(timeOfIso(value)))) {
      return `the header ${name} is ${JSON.stringify(value)}, allowed: an ISO 8601 time or null`;
    }
  }
  const limits = timelimit ?? [null, null];
  if (!Array.isArray(limits) || limits.some((limit) => limit !== null && typeof limit !== 'number')) {
    return `the header timelimit is ${JSON.stringify(timelimit)}, allowed: [hard, soft] in seconds`;
  }
  const generation = headers[GENERATION_HEADER] ?? 0;
  if (!Number.isSafeInteger(generation))
    return `the header ${GENERATION_HEADER} is ${JSON.stringify(generation)}, allowed: a whole number`;
  // Complete as this library and Celery always send it: the common case copies nothing.
  if (isComplete(headers)) return headers;
  return {
    lang: 'unknown',
    shadow: null,
    group: null,
    group_index: null,
    parent_id: null,
    argsrepr: '',
    kwargsrepr: '',
    origin: '',
    ignore_result: false,
    replaced_task_nesting: 0,
    stamped_headers: null,
    stamps: {},
    ...headers,
    id,
    task,
    eta: eta as string | null,
    expires: expires as string | null,
    retries: Number(retries),
    timelimit: [limits[0] ?? null, limits[1] ?? null],
    root_id: textOf(root) ?? id,
  };
}

function isComplete(headers: Headers): headers is TaskHeaders {
  return (
    typeof headers.root_id === 'string' &&
    typeof headers.retries === 'number' &&
    Array.isArray(headers.timelimit) &&
    typeof headers.ignore_result === 'boolean' &&
    headers.parent_id !== undefined &&
    headers.eta !== undefined &&
    headers.expires !== undefined &&
    headers.group !== undefined
  );
}

interface DecodedBody {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly embed: Embed;
}

function parseBody(body: string | Uint8Array): { readonly value: unknown } | string {
  try {
    return {
      value: decodeJson(typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body)),
    };
  } catch (error) {
    return error instanceof CellarError ? error.message : 'the body is not UTF-8';
  }
}

function bodyOf(value: unknown): DecodedBody | string {
  if (!Array.isArray(value) || value.length !== 3) return 'the body is no list of three: [args, kwargs, embed]';
  const [args, kwargs, embed] = value;
  if (!Array.isArray(args)) return 'args is no list';
  if (!isRecord(kwargs)) return 'kwargs is no object';
  if (embed !== null && !isRecord(embed)) return 'embed is neither an object nor null';
  const { callbacks = null, errbacks = null, chain = null, chord = null } = embed ?? {};
  for (const [name, list] of [
    ['callbacks', callbacks],
    ['errbacks', errbacks],
    ['chain', chain],
  ] as const) {
    if (list !== null && !isSignatureList(list)) return `embed.${name} is no list of signatures`;
  }
  if (chord !== null && !isSignature(chord)) return 'embed.chord is no signature';
  const empty = callbacks === null && errbacks === null && chain === null && chord === null;
  return { args, kwargs, embed: empty ? EMPTY_EMBED : ({ callbacks, errbacks, chain, chord } as Embed) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How many tasks sent one another before this one. */
export function hopsOf(headers: Headers): number {
  const value = headers[HOPS_HEADER];
  return typeof value === 'number' ? value : 0;
}

/** The generation of a message: how often it was redriven. */
export function generationOf(headers: Headers): number {
  const value = headers[GENERATION_HEADER];
  return typeof value === 'number' ? value : 0;
}
