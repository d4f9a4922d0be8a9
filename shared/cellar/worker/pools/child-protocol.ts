/** What a worker and its children say to each other: one text a message, JSON with Celery's tagged types. */
import type { BrokerCapabilities, Delivery, OutgoingMessage } from '../../broker.ts';
import { decodeJson, encodeJson } from '../../celery/tagged-json.ts';
import type { TaskMessage } from '../../message.ts';
import type { ResultStore } from '../../result-store.ts';
import type { Settings } from '../../settings.ts';
import type { Outbox } from '../outbox.ts';
import type { CarriedError } from './carried-error.ts';
import type { CarriedOutcome } from './carried-outcome.ts';

/** What a result store says of itself. */
export type ResultFacts = Pick<ResultStore, 'expiresSeconds' | 'maxUpdateBytes' | 'replyTo' | 'refusesClaims'>;

/** All that a child needs before its first run. */
export interface ChildStart {
  /** Path of the module that exports the application. */
  readonly appPath: string;
  readonly settings: Settings;
  /** Whose contexts are opened before it is ready; others at their first run. */
  readonly queues: readonly string[];
  readonly capabilities: BrokerCapabilities;
  readonly results: ResultFacts;
  /** What the worker's backend has beside the ports that each has. */
  readonly has: { readonly transaction: boolean; readonly chords: boolean };
  /** Whether it measures its memory after each run. */
  readonly measuresMemory: boolean;
}

/** One run: the decoded message, and what of its delivery a task may ask for. */
export interface CarriedRun {
  readonly delivery: Omit<Delivery, 'message'>;
  readonly message: TaskMessage;
  readonly id: string;
  readonly retries: number;
  readonly generation: number;
  readonly starts: number;
  readonly receivedAtMs: number;
  readonly workerName: string;
  readonly softSeconds: number | null;
}

/** What a child has its worker do, on the worker's own connections: publish, or call its result store. */
export type ParentCall =
  | { readonly port: 'publish'; readonly messages: readonly OutgoingMessage[] }
  | { readonly port: 'results'; readonly method: keyof ResultStore; readonly args: readonly unknown[] };

/** Does it; the answer is JSON with Celery's tagged types. */
export type AnswerCall = (call: ParentCall) => Promise<unknown>;

export type ToChild =
  | { readonly kind: 'start'; readonly start: ChildStart }
  | { readonly kind: 'run'; readonly run: CarriedRun }
  /** The worker stops cold: signals fire. */
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'answer'; readonly number: number; readonly value?: unknown; readonly fault?: CarriedError }
  | { readonly kind: 'close' };

export interface ChildDone {
  readonly kind: 'done';
  readonly outcome: CarriedOutcome;
  readonly outbox: Outbox;
  /** Absent where nobody asked for it. */
  readonly memoryBytes?: number;
}

export type FromChild =
  | { readonly kind: 'ready' }
  /** It cannot run tasks: the application does not load, or a context does not open. */
  | { readonly kind: 'unusable'; readonly fault: CarriedError }
  | ChildDone
  | { readonly kind: 'call'; readonly number: number; readonly call: ParentCall };

export function encodeCrossing(message: ToChild | FromChild): string {
  return encodeJson(message);
}

/** Trusts its sender: the other end of a pipe that this program made. */
export function decodeCrossing<Message extends ToChild | FromChild>(text: string): Message {
  return decodeJson(text) as Message;
}
