/** Lambda entries: what a function's file imports. */

export { fromSqsRecord, type SqsBatchResponse, type SqsEvent, type SqsRecord, toSqsRecord } from './sqs-event.ts';
export { type LambdaContext, type SqsHandler, sqsHandler } from './sqs-handler.ts';
