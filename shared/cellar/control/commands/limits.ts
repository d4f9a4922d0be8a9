/** Commands that change how often and how long tasks may run. */
import { exceptionRepr } from '../../celery/python-repr.ts';
import { NamedException } from '../../exception.ts';
import { type RateLimit, ratePerSecond } from '../../rate-limit.ts';
import { type Command, type NodeContext, ok, refused, secondsArgument, textArgument } from '../command.ts';

const UNKNOWN = refused('unknown task');

export const rateLimit: Command = (context, args) => {
  const task = textArgument(args, 'task_name');
  const limit = limitOf(args.rate_limit);
  if (ratePerSecond(limit) === undefined) {
    const fault = new NamedException('ValueError', `could not convert string to float: '${limit}'`);
    return refused(`Invalid rate limit string: ${exceptionRepr(fault)}`);
  }
  if (!isKnown(context, task)) return UNKNOWN;
  context.node.rates.set(task, limit);
  return ok(ratePerSecond(limit) === 0 ? 'rate limit disabled successfully' : 'new rate limit set successfully');
};

/** For runs that begin from now on. */
export const timeLimit: Command = (context, args) => {
  const task = textArgument(args, 'task_name');
  const limits = { hardSeconds: secondsArgument(args, 'hard'), softSeconds: secondsArgument(args, 'soft') };
  if (!isKnown(context, task)) return UNKNOWN;
  context.node.setLimits(task, limits);
  return ok('time limits set successfully');
};

function limitOf(value: unknown): RateLimit {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? value : 0;
}

function isKnown({ queues }: NodeContext, task: string): boolean {
  return [...queues.available.values()].some(({ handlers }) => handlers.has(task));
}
