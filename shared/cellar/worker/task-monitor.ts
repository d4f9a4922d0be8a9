/** What the steps of a worker tell those who watch and steer the worker's process, and ask of them. */
import type { Delivery, Settlement } from '../broker.ts';
import type { Execution } from './execution.ts';
import type { Outcome } from './outcome.ts';
import type { TimeLimits } from './time-limits.ts';

/** Absent where nobody watches, as in a Lambda function: then it costs nothing. No method may wait or throw. */
export interface TaskMonitor {
  /** Messages were taken; they wait for their turn. */
  received(deliveries: readonly Delivery[]): void;
  /** Whether this task was revoked by remote control, by its id or by a stamp. */
  isRevoked(execution: Execution): boolean;
  /** Limits of a task that remote control set in the place of its contract's. */
  limitsOf(task: string): TimeLimits | undefined;
  /** Its handler is called now. */
  started(execution: Execution): void;
  /** It has come to this outcome, started or not; without a settlement where the outcome could not be told to anyone. */
  ended(execution: Execution, outcome: Outcome, settlement: Settlement | undefined): void;
}
