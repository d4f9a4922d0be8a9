/** Listens to the events of all worker nodes, Cellar's and Celery's alike. */
import { decodeJson } from '../celery/tagged-json.ts';
import type { Client } from '../client.ts';
import type { ControlMessage } from '../control-bus.ts';
import { controlOf } from './ask-nodes.ts';

/** An event as Celery's: `type`, `hostname`, `timestamp` in seconds, and what its type says. */
export type NodeEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * Hands on each event that is sent from now on, until the function that it answers is called.
 * @throws CellarError `not-supported` where the broker has no events; `broker-unavailable`
 */
export function listenEvents(
  { backend, log }: Pick<Client, 'backend' | 'log'>,
  handle: (event: NodeEvent) => void,
): Promise<() => Promise<void>> {
  return controlOf(backend.control).listen((message) => {
    for (const event of eventsOf(message)) {
      if (isEvent(event)) handle(event);
      else log.debug('an event without a type');
    }
  });
}

/** A message holds one event, or a list of them. */
function eventsOf({ body }: ControlMessage): readonly unknown[] {
  try {
    return [decodeJson(body)].flat();
  } catch {
    return [undefined]; // whoever sent that is no worker
  }
}

function isEvent(value: unknown): value is NodeEvent {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
