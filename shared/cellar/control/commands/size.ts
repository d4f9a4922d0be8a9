/** Commands that change how many tasks run side by side: in each queue that the node takes from. */
import { NamedException } from '../../exception.ts';
import { type Command, countArgument, ok, refused } from '../command.ts';

export const poolGrow: Command = ({ autoscaler, queues }, args) => {
  if (autoscaler !== undefined) return refused(bySize('pool_grow'));
  const more = countArgument(args, 'n') ?? 1;
  for (const worker of queues.workers) worker.resize(worker.concurrency + more);
  return ok('pool will grow');
};

export const poolShrink: Command = ({ autoscaler, queues }, args) => {
  if (autoscaler !== undefined) return refused(bySize('pool_shrink'));
  const less = countArgument(args, 'n') ?? 1;
  for (const worker of queues.workers) worker.resize(Math.max(1, worker.concurrency - less));
  return ok('pool will shrink');
};

export const autoscale: Command = ({ autoscaler }, args) => {
  if (autoscaler === undefined) throw new NamedException('ValueError', 'Autoscale not enabled');
  const { max = autoscaler.range.max, min = autoscaler.range.min } = {
    max: countArgument(args, 'max'),
    min: countArgument(args, 'min'),
  };
  if (min < 1 || max < min)
    throw new NamedException('ValueError', `max is ${max} and min ${min}, allowed: 1 <= min <= max`);
  autoscaler.update({ max, min });
  return ok(`autoscale now max=${max} min=${min}`);
};

export const poolRestart: Command = () => {
  throw new NamedException('ValueError', 'Pool restarts not enabled');
};

function bySize(command: string): string {
  return `${command} is not supported with autoscale. Adjust autoscale range instead.`;
}
