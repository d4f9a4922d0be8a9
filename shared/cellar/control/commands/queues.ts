/** Commands about the queues that a node takes from. */
import { exceptionRepr } from '../../celery/python-repr.ts';
import { describeError } from '../../exception.ts';
import { type Command, ok, refused, textArgument } from '../command.ts';
import { queueInfo } from '../queue-info.ts';

export const activeQueues: Command = ({ queues, cellar }) =>
  queues.workers.map(({ queue }) => queueInfo(queue, cellar.topology.queues[queue]));

/** Only for queues that are declared and have handlers here: another's tasks would all fail. */
export const addConsumer: Command = async ({ queues, cellar }, args) => {
  const queue = textArgument(args, 'queue');
  try {
    await queues.add(queue);
  } catch (error) {
    cellar.log.error(`remote control: add_consumer: ${describeError(error)}`, { queue });
    return refused(exceptionRepr(error));
  }
  return ok(`add consumer ${queue}`);
};

export const cancelConsumer: Command = ({ queues }, args) => {
  const queue = textArgument(args, 'queue');
  queues.cancel(queue);
  return ok(`no longer consuming from ${queue}`);
};
