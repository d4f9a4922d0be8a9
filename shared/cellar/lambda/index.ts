/** Lambda entries: what a function's file imports. */

export { type ClientOptions, openClient } from '../open-client.ts';
export { type BeatHandler, type BeatHandlerOptions, beatHandler, type FiringEvent } from './beat-handler.ts';
export { type Forwarder, type ForwarderHandler, type ForwarderOptions, forwarderHandler } from './forwarder-handler.ts';
export { type LambdaWorkerOptions, lambdaWorker } from './lambda-worker.ts';
export { openOnce } from './open-once.ts';
export { openPreparer, type Preparer, type PreparerOptions } from './open-preparer.ts';
export {
  type OutboxStreamOptions,
  outboxStreamHandler,
  type ReadOutboxRow,
  type SetAside,
  type StreamBatchResponse,
  type StreamEvent,
  type StreamHandler,
  type StreamRecord,
} from './outbox-stream-handler.ts';
export { fromSqsRecord, type SqsBatchResponse, type SqsEvent, type SqsRecord, toSqsRecord } from './sqs-event.ts';
export { type LambdaContext, type SqsHandler, sqsHandler } from './sqs-handler.ts';
