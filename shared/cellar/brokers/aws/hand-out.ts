import type { SqsMessage } from '../../aws/calls.ts';

export interface Shares {
  /** What each of the calls gets, in their order. */
  readonly shares: readonly (readonly SqsMessage[])[];
  /** What none of them can take. */
  readonly surplus: readonly SqsMessage[];
}

/**
 * Shares the messages of one answer out to receive calls that take so many each. All of a message group go to one
 * call: two would run them side by side.
 */
export function handOut(messages: readonly SqsMessage[], most: readonly number[]): Shares {
  const shares = most.map((): SqsMessage[] => []);
  const surplus: SqsMessage[] = [];
  const callOfGroup = new Map<string, number>();
  const hasRoom = (call: number): boolean => (shares[call]?.length ?? 0) < (most[call] ?? 0);
  let current = 0;
  for (const message of messages) {
    while (current < most.length && !hasRoom(current)) current++;
    const group = message.Attributes?.MessageGroupId ?? message.MessageId;
    const call = callOfGroup.get(group) ?? current;
    callOfGroup.set(group, call);
    if (hasRoom(call)) shares[call]?.push(message);
    else {
      surplus.push(message);
      callOfGroup.set(group, most.length); // what follows of the group must not overtake it
    }
  }
  return { shares, surplus };
}
