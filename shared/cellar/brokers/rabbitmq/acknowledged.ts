import type { ConfirmChannel } from 'amqplib';

interface Asking {
  /** Ends with the question that is under way. */
  asked: Promise<unknown>;
  /** The question that comes after it, and so after every acknowledgement written by now. */
  next: Promise<boolean> | undefined;
}

const asking = new WeakMap<ConfirmChannel, Asking>();

/**
 * Whether the server has every acknowledgement that was written on this channel. AMQP does not confirm them, but answers in
 * order: so something is asked that changes nothing (the prefetch of consumers to come, which each sets for itself).
 * Calls that wait at the same time share one question. Never rejects: false when the channel is lost.
 */
export function acknowledged(channel: ConfirmChannel): Promise<boolean> {
  const state = asking.get(channel) ?? { asked: Promise.resolve(), next: undefined };
  asking.set(channel, state);
  state.next ??= state.asked.then(() => {
    const answer = ask(channel);
    state.asked = answer;
    state.next = undefined;
    return answer;
  });
  return state.next;
}

async function ask(channel: ConfirmChannel): Promise<boolean> {
  try {
    await channel.prefetch(0);
    return true;
  } catch {
    return false; // lost: what was not acknowledged comes again
  }
}
