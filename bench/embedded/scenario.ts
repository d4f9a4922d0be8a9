/** What one measurement of the embedded benchmark is, as it is handed to the process that makes it. */
export type Scenario = SendScenario | ProcessScenario | LatencyScenario;

interface Place {
  /** `embedded:` or `memory:`. */
  readonly broker: string;
  readonly durability: 'process' | 'power';
}

export interface SendScenario extends Place {
  readonly kind: 'send';
  /** One after the other, 100 under way at once, or 500 in one call. */
  readonly how: 'one' | 'concurrent' | 'batch';
  readonly messages: number;
}

export interface ProcessScenario extends Place {
  readonly kind: 'process';
  readonly results: boolean;
  readonly processes: 1 | 2;
  readonly messages: number;
}

/** From before the send to the handler, one task at a time; between two processes with a pause after each. */
export interface LatencyScenario extends Place {
  readonly kind: 'latency';
  readonly processes: 1 | 2;
  readonly messages: number;
}

export interface Rate {
  readonly perSecond: number;
  /** Largest resident set of the process that did the work, in MB. */
  readonly rssMb: number;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The value below which `share` of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function latencyOf(values: readonly number[]): Latency {
  return { p50Ms: quantile(values, 0.5), p99Ms: quantile(values, 0.99) };
}

/** The text argument that makes a message about 600 bytes with its headers. */
export const PAYLOAD = 'x'.repeat(100);
export const CONCURRENCY = 32;
export const BATCH = 500;
