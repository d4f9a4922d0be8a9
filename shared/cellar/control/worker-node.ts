/** A worker process as a node that others watch and steer: what runs in it, what was revoked, what limits were set. */
import type { Delivery, Settlement } from '../broker.ts';
import type { Clock } from '../clock.ts';
import type { Execution } from '../worker/execution.ts';
import type { Outcome } from '../worker/outcome.ts';
import { RateLimits } from '../worker/rate-limits.ts';
import type { TaskMonitor } from '../worker/task-monitor.ts';
import type { TimeLimits } from '../worker/time-limits.ts';
import type { EventDispatcher } from './event-dispatcher.ts';
import { LamportClock } from './lamport-clock.ts';
import { RevokedIds } from './revoked-ids.ts';
import { RevokedStamps } from './revoked-stamps.ts';
import { endedEvent, receivedEvent, type TaskEvent } from './task-events.ts';

export interface WorkerNodeParts {
  readonly name: string;
  readonly pid: number;
  readonly clock: Clock;
}

export class WorkerNode implements TaskMonitor {
  readonly name: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly startedAtMs: number;
  readonly lamport = new LamportClock();
  readonly revoked: RevokedIds;
  readonly revokedStamps = new RevokedStamps();
  readonly rates: RateLimits;
  /** Absent where the broker carries no events. */
  events: EventDispatcher | undefined;
  readonly #active = new Set<Execution>();
  /** How many of each task were started. */
  readonly #counts = new Map<string, { started: number }>();
  readonly #limits = new Map<string, TimeLimits>();
  /** Task id → number of the signal with which its run was to end. */
  readonly #signals = new Map<string, number>();
  #processed = 0;

  constructor({ name, pid, clock }: WorkerNodeParts) {
    this.name = name;
    this.pid = pid;
    this.clock = clock;
    this.startedAtMs = clock.now();
    this.revoked = new RevokedIds(clock);
    this.rates = new RateLimits(clock);
  }

  /** What runs now, in order of start. */
  get active(): ReadonlySet<Execution> {
    return this.#active;
  }

  /** How many runs were started. */
  get processed(): number {
    return this.#processed;
  }

  /** The same by task. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].map(([task, { started }]) => [task, started]));
  }

  setLimits(task: string, limits: TimeLimits): void {
    this.#limits.set(task, limits);
  }

  /** Notes that a run is to end by a signal, before it is ended. */
  noteSignal(taskId: string, signal: number): void {
    this.#signals.set(taskId, signal);
  }

  /** The run was not here. */
  forgetSignal(taskId: string): void {
    this.#signals.delete(taskId);
  }

  received(deliveries: readonly Delivery[]): void {
    if (this.events?.sendsTasks !== true) return;
    for (const delivery of deliveries) this.#tell(receivedEvent(delivery));
  }

  isRevoked({ id, message }: Execution): boolean {
    return this.revoked.has(id) || this.revokedStamps.has(message.headers);
  }

  limitsOf(task: string): TimeLimits | undefined {
    return this.#limits.get(task);
  }

  started(execution: Execution): void {
    const { task } = execution.message.headers;
    this.#active.add(execution);
    const count = this.#counts.get(task);
    if (count === undefined) this.#counts.set(task, { started: 1 });
    else count.started++;
    this.#processed++;
    if (this.events?.sendsTasks === true) this.events.sendLater('task-started', { uuid: execution.id });
  }

  ended(execution: Execution, outcome: Outcome, settlement: Settlement | undefined): void {
    this.#active.delete(execution);
    const signal = this.#signalOf(execution.id);
    if (this.events?.sendsTasks !== true) return;
    const runtimeSeconds = (this.clock.now() - execution.receivedAtMs) / 1000;
    const facts = signal === undefined ? { runtimeSeconds } : { runtimeSeconds, signal };
    this.#tell(endedEvent(execution, outcome, { settlement, facts }));
  }

  #signalOf(taskId: string): number | undefined {
    if (this.#signals.size === 0) return undefined;
    const signal = this.#signals.get(taskId);
    this.#signals.delete(taskId);
    return signal;
  }

  #tell(event: TaskEvent | undefined): void {
    if (event !== undefined) this.events?.sendLater(event.type, event.fields);
  }
}
