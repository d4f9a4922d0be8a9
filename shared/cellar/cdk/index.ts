/** Constructs for the AWS CDK (`cellar/cdk`): an application's queues, exchanges, workers and schedules from its topology. */

export { type AlarmSpec, alarmOn } from './alarm.ts';
export { AppMessaging, type AppMessagingProps } from './app-messaging.ts';
export { AppStorage, type AppStorageProps } from './app-storage.ts';
export { AppWorkers, type AppWorkersProps } from './app-workers.ts';
export { type Application, type ApplicationOptions, readApplication } from './application.ts';
export { BeatFunction, type BeatFunctionProps } from './beat-function.ts';
export { brokerUrl } from './broker-url.ts';
export { type Bundle, type BundledModule, type BundleOptions, bundle, type Entry, writeBundle } from './bundle.ts';
export { CellarApp, type CellarAppProps } from './cellar-app.ts';
export { type Beside, type CostRange, type IdleCosts, idleCosts, type TaskCosts, taskCosts } from './costs.ts';
export { DelayQueue, type DelayQueueProps } from './delay-queue.ts';
export { Exchange, type ExchangeProps, type ExchangeSubscription } from './exchange.ts';
export { ForwarderFunction, type ForwarderFunctionProps } from './forwarder-function.ts';
export { NodeFunction, type NodeFunctionProps } from './node-function.ts';
export { PayloadsBucket, type PayloadsBucketProps } from './payloads-bucket.ts';
export { PeriodicTask, type PeriodicTaskProps } from './periodic-task.ts';
export { Permissions, type PermissionsProps } from './permissions.ts';
export { ResultsTable, type ResultsTableProps } from './results-table.ts';
export { type ScheduleExpression, scheduleExpression, type Translation } from './schedule-expression.ts';
export { TaskQueue, type TaskQueueProps } from './task-queue.ts';
export { WorkerFunction, type WorkerFunctionProps } from './worker-function.ts';
export type { WorkerPlan, WorkerSettings } from './worker-plan.ts';
