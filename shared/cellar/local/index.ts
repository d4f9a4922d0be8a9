/** The local runtime's parts: AWS's event sources on this machine. */
export { type EventSourceOptions, type RunningEventSource, startEventSource } from './event-source.ts';
export {
  type HttpApiEvent,
  type HttpApiHandler,
  type HttpApiOptions,
  type HttpApiResult,
  type RunningHttpApi,
  startHttpApi,
} from './http-api.ts';
