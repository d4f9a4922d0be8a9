import process from 'node:process';
import { setAsideMetric } from '../../shared/shop/outbox-metric.ts';

export interface SetAsideCount {
  readonly table: string;
  readonly problem: string;
  readonly nowMs: number;
}

/**
 * One more row was set aside: a line of the log from which CloudWatch makes a metric, without a call (its guide,
 * "Specification: Embedded metric format").
 */
export function countSetAside(
  { table, problem, nowMs }: SetAsideCount,
  write: (line: string) => void = (line) => process.stdout.write(line),
): void {
  const { namespace, name, dimension } = setAsideMetric;
  const metrics = [{ Namespace: namespace, Dimensions: [[dimension]], Metrics: [{ Name: name, Unit: 'Count' }] }];
  const line = { _aws: { Timestamp: nowMs, CloudWatchMetrics: metrics }, [dimension]: table, [name]: 1, problem };
  write(`${JSON.stringify(line)}\n`);
}
