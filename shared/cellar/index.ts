export type { Backend } from './backend.ts';
export type { AnySignature, PartialSignature, SendOptions, Signature } from './signature.ts';
export { type AnyTask, type CallArguments, type RetryPolicy, type Task, type TaskOptions, task } from './task.ts';
export {
  type BoundHandler,
  type Handler,
  type TaskContext,
  type TaskRequest,
  type Worker,
  type WorkerOptions,
  worker,
} from './worker.ts';
