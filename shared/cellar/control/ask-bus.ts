/** Asks all nodes on a bus and puts their answers together. */
import { decodeJson } from '../celery/tagged-json.ts';
import type { Runtime } from '../clock.ts';
import type { ControlBus, ControlMessage } from '../control-bus.ts';
import { composeRequest, type RequestParts } from './compose-request.ts';

export interface Question extends Pick<RequestParts, 'method' | 'args' | 'destination' | 'clock'> {
  readonly timeoutMs: number;
}

/**
 * Node name → answer, of those that answered in time; all that were named, sooner.
 * @throws CellarError `broker-unavailable`, `bad-value`
 */
export async function askBus(
  bus: ControlBus,
  { timeoutMs, ...question }: Question,
  runtime: Runtime,
): Promise<ReadonlyMap<string, unknown>> {
  const ticket = runtime.newId();
  const expiresMs = runtime.clock.now() + timeoutMs;
  const limit = question.destination?.length;
  const replies = await bus.ask((to) => composeRequest({ ...question, expiresMs, reply: { ticket, to } }), {
    ticket,
    timeoutMs,
    ...(limit === undefined ? undefined : { limit }),
  });
  return new Map(replies.flatMap(answersOf));
}

/** What is no answer is nobody's. */
function answersOf({ body }: ControlMessage): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(Object(decodeJson(body)));
  } catch {
    return []; // another's message in our queue
  }
}
