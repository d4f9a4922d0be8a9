/** Commands that ask a node what it does. */
import { taskIdOf } from '../../worker/execution.ts';
import { type Command, type NodeContext, textsArgument } from '../command.ts';
import { activeInfo, waitingInfo } from '../request-info.ts';

export const active: Command = ({ node }, { safe }) =>
  [...node.active].map((execution) => activeInfo(execution, node, { isSafe: safe === true }));

export const reserved: Command = (context, { safe }) =>
  waiting(context).map((delivery) => waitingInfo(delivery, context.node, { isSafe: safe === true }));

/** Nothing waits for its time in a worker of ours: the broker keeps what is early. */
export const scheduled: Command = () => [];

export const revoked: Command = ({ node }) => node.revoked.ages().map(([id]) => id);

/** Id → [state, info] of those that are here. */
export const queryTask: Command = (context, args) => {
  const { node } = context;
  const ids = new Set(textsArgument(args, 'ids'));
  const found: Record<string, unknown> = {};
  for (const delivery of waiting(context)) {
    const id = taskIdOf(delivery);
    if (ids.has(id)) found[id] = ['reserved', waitingInfo(delivery, node, { isSafe: false })];
  }
  for (const execution of node.active) {
    if (ids.has(execution.id)) found[execution.id] = ['active', activeInfo(execution, node, { isSafe: false })];
  }
  return found;
};

/** Names of tasks, each with what was asked of it or else its rate limit; those of Celery's own only if asked. */
export const registered: Command = ({ node, queues }, args) => {
  const items = textsArgument(args, 'taskinfoitems');
  const wantsLimit = items.length === 0 || items.includes('rate_limit');
  const names = new Set([...queues.available.values()].flatMap(({ handlers }) => [...handlers.keys()]));
  return [...names]
    .filter((name) => args.builtins === true || !name.startsWith('celery.'))
    .sort()
    .map((name) => {
      const limit = wantsLimit ? node.rates.limitOf(name) : undefined;
      return limit === undefined ? name : `${name} [rate_limit=${limit}]`;
    });
};

/** Those that this node holds and that do not run. */
function waiting({ node, queues }: NodeContext) {
  const running = new Set([...node.active].map(({ delivery }) => delivery));
  return queues.workers.flatMap((worker) => worker.held()).filter((delivery) => !running.has(delivery));
}
