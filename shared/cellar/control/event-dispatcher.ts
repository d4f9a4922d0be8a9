/** Sends a node's events as Celery's dispatcher does (celery/events/dispatcher.py). */
import type { Clock } from '../clock.ts';
import type { ControlBus } from '../control-bus.ts';
import type { LamportClock } from './lamport-clock.ts';
import { utcOffsetHours } from './utc-offset.ts';

export interface EventDispatcherParts {
  readonly bus: ControlBus;
  readonly nodeName: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly lamport: LamportClock;
}

/** So many events of tasks travel in one message at most. */
const BUFFER_LIMIT = 100;
const TASK_GROUP_KEY = 'task.multi';

export class EventDispatcher {
  readonly #parts: EventDispatcherParts;
  readonly #headers: Readonly<Record<string, unknown>>;
  #buffer: object[] = [];
  #isScheduled = false;
  /** Whether events of tasks are sent. */
  sendsTasks = false;

  constructor(parts: EventDispatcherParts) {
    this.#parts = parts;
    this.#headers = { hostname: parts.nodeName };
  }

  /** Sends an event at once. */
  send(type: string, fields: object): void {
    const body = JSON.stringify(this.#event(type, fields));
    this.#parts.bus.event(type.replaceAll('-', '.'), { headers: this.#headers, body });
  }

  /** Sends an event of a task with the others of this turn of the event loop. */
  sendLater(type: string, fields: object): void {
    this.#buffer.push(this.#event(type, fields));
    if (this.#buffer.length >= BUFFER_LIMIT) this.flush();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  flush(): void {
    const events = this.#buffer;
    if (events.length === 0) return;
    this.#buffer = [];
    this.#parts.bus.event(TASK_GROUP_KEY, { headers: this.#headers, body: JSON.stringify(events) });
  }

  #event(type: string, fields: object): object {
    const { nodeName, pid, clock, lamport } = this.#parts;
    const nowMs = clock.now();
    return {
      hostname: nodeName,
      utcoffset: utcOffsetHours(nowMs),
      pid,
      clock: lamport.forward(),
      ...fields,
      timestamp: nowMs / 1000,
      type,
    };
  }
}
