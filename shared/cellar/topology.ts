/**
 * The topology: exchanges, queues, bindings and schedules, declared once as data.
 * The same value drives brokers at run time and stacks at deploy time.
 */
import type { Schedule } from './schedule.ts';
import type { Signature } from './signature.ts';

export type ExchangeType = 'direct' | 'fanout' | 'topic' | 'headers';

export interface ExchangeDeclaration {
  readonly type: ExchangeType;
  /** The exchange that gets what no binding of this one matches (RabbitMQ's alternate-exchange). @default none */
  readonly alternate?: string;
}

export interface QueueDeclaration {
  /** How long a delivery stays invisible before it comes again; workers prolong it. 1 to 43200. @default 30 */
  readonly visibilityTimeoutSeconds?: number;
  /** How often a message may be delivered without an outcome (its process died) before it is dead-lettered. 1 to 1000. @default 5 */
  readonly maxDeliveries?: number;
}

/** One binding: from an exchange to a queue, or to another exchange. */
export interface BindingDeclaration {
  readonly exchange: string;
  readonly queue?: string;
  /** Exchange-to-exchange: the target instead of a queue. */
  readonly toExchange?: string;
  /** Binding key: a word list with `*` and `#` for topic, the exact key for direct. @default '' */
  readonly key?: string;
  /** For a headers exchange: `x-match` (all, any, all-with-x, any-with-x) and the headers wanted; null = present with any value. */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** A periodic task: sent by beat (EventBridge Scheduler on AWS) each time the schedule fires. */
export interface ScheduleDeclaration {
  readonly schedule: Schedule;
  readonly task: Signature<unknown>;
  /** @default the task's own queue */
  readonly queue?: string;
}

export interface TopologyDeclaration {
  readonly exchanges?: Readonly<Record<string, ExchangeDeclaration>>;
  readonly queues: Readonly<Record<string, QueueDeclaration>>;
  readonly bindings?: readonly BindingDeclaration[];
  readonly schedules?: Readonly<Record<string, ScheduleDeclaration>>;
}

/** A checked, deeply frozen topology with every default filled in. Made by `topology()`. */
export interface Topology {
  readonly exchanges: Readonly<Record<string, ExchangeDeclaration>>;
  readonly queues: Readonly<Record<string, Required<QueueDeclaration>>>;
  readonly bindings: readonly BindingDeclaration[];
  readonly schedules: Readonly<Record<string, ScheduleDeclaration>>;
}
