/**
 * Cellar: Celery's tasks in TypeScript.
 *
 * task: a named contract · handler: its code · signature: task + arguments + options, not sent yet · message: what
 * travels · exchange, binding, routing key, queue · worker: takes messages of one queue · result, state · beat: sends
 * periodic tasks · ETA, countdown, expires · message group: the ordering key of a FIFO queue · dead-letter queue ·
 * visibility timeout · deduplication id.
 */
export { type App, defineApp } from './app.ts';
export type { Backend, BackendTransaction, RunTransaction } from './backend.ts';
export type {
  Broker,
  BrokerAdmin,
  BrokerCapabilities,
  Delivery,
  OutgoingMessage,
  PeekedMessage,
  PublishOutcome,
  QueueCounts,
  Settlement,
  WireMessage,
} from './broker.ts';
export { type Chain, type Chord, chain, chord, type Group, group, type Work, withOptions } from './canvas.ts';
export { Tagged, type TagType } from './celery/tagged-json.ts';
export { Cellar, type OpenOptions } from './cellar.ts';
export type { ClientTransaction } from './client.ts';
export { type Clock, type Runtime, systemRuntime } from './clock.ts';
export type { Published, PublishOptions } from './composer.ts';
export { type AskOptions, askNodes, tellNodes } from './control/ask-nodes.ts';
export { listenEvents, type NodeEvent } from './control/listen-events.ts';
export { type NodeOptions, type RunningNode, startNode } from './control/start-node.ts';
export { CellarError, type ErrorCode } from './errors.ts';
export { TaskException } from './exception.ts';
export { brokerName } from './inspect/broker-name.ts';
export { listSchedules, type ScheduleView } from './inspect/list-schedules.ts';
export { findTask, listTasks, type TaskFilter } from './inspect/list-tasks.ts';
export { type TaskView, taskView } from './inspect/task-view.ts';
export { type Logger, type LogLevel, lineLogger } from './log.ts';
export type { MessageWriter } from './message-writer.ts';
export { chunks, map, starmap } from './over-items.ts';
export type { RateLimit } from './rate-limit.ts';
export type { ResultStore, StoredResult, TaskState } from './result-store.ts';
export { route } from './routing/route.ts';
export { type RunningBeat, startBeat } from './schedule/beat.ts';
export { describeSchedule } from './schedule/describe.ts';
export { nextDue } from './schedule/next.ts';
export { at, crontab, every, type Schedule } from './schedule.ts';
export { loadSettings, type Settings } from './settings.ts';
export type { AnySignature, PartialSignature, SendOptions, Signature } from './signature.ts';
export type { StandardSchema } from './standard-schema.ts';
export { type AnyTask, type CallArguments, type RetryPolicy, type Task, type TaskOptions, task } from './task.ts';
export type { SentChord, SentGroup, SentTask, TaskResult } from './task-result.ts';
export { type Topology, type TopologyDeclaration, topology } from './topology.ts';
export { discover } from './worker/discover.ts';
export type { FoundHandler, QueueHandlers } from './worker/registry.ts';
export { type RunningWorker, startWorker } from './worker/start-worker.ts';
export {
  type BoundHandler,
  type Directive,
  type Handler,
  type TaskContext,
  type TaskRequest,
  type Worker,
  type WorkerOptions,
  worker,
} from './worker.ts';
