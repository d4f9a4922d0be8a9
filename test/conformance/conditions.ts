/** On what behaviours depend: the capabilities of brokers, one by one, and what a backend has beside its broker. */
import type { BrokerCapabilities } from '../../shared/cellar/broker.ts';
import type { Harness } from './harness.ts';

export interface Condition {
  /** The capabilities that it reads, or the parts of the backend. */
  readonly about: readonly string[];
  readonly holds: (harness: Harness) => boolean;
  /** Met by every broker: the capability is a measure, and its behaviours show both sides of it. */
  readonly isMeasure?: true;
}

type Has = (capabilities: BrokerCapabilities) => boolean;

function capability(name: keyof BrokerCapabilities, has: Has): Condition {
  return { about: [name], holds: ({ backend }) => has(backend.broker.capabilities) };
}

function part(name: string, has: (harness: Harness) => boolean): Condition {
  return { about: [name], holds: has };
}

/** All of them. */
export function both(...conditions: readonly Condition[]): Condition {
  return {
    about: conditions.flatMap(({ about }) => about),
    holds: (harness) => conditions.every(({ holds }) => holds(harness)),
  };
}

/** One for each capability: a new one does not compile before it has a condition here, and behaviours that read it. */
export const can = {
  priority: capability('priority', ({ priority }) => priority !== 'none'),
  deduplicationSeconds: capability('deduplicationSeconds', ({ deduplicationSeconds }) => deduplicationSeconds > 0),
  deduplicationScope: capability('deduplicationScope', ({ deduplicationScope }) => deduplicationScope === 'queue'),
  messageGroups: capability('messageGroups', ({ messageGroups }) => messageGroups !== 'none'),
  severalOfGroup: capability('severalOfGroup', ({ severalOfGroup }) => severalOfGroup),
  orderedWithoutGroup: capability('orderedWithoutGroup', ({ orderedWithoutGroup }) => orderedWithoutGroup),
  extend: capability('extend', ({ extend }) => extend),
  orderKeptAfterRelease: capability('orderKeptAfterRelease', ({ orderKeptAfterRelease }) => orderKeptAfterRelease),
  deliveryCount: capability('deliveryCount', ({ deliveryCount }) => deliveryCount === 'exact'),
  maxHoldSeconds: capability('maxHoldSeconds', ({ maxHoldSeconds }) => maxHoldSeconds !== undefined),
  maxDelaySeconds: capability('maxDelaySeconds', ({ maxDelaySeconds }) => maxDelaySeconds > 0),
  uncancellableDelaySeconds: capability(
    'uncancellableDelaySeconds',
    ({ uncancellableDelaySeconds }) => uncancellableDelaySeconds === 0,
  ),
  peekable: capability('peekable', ({ peekable }) => peekable.includes('ready')),
  exactCounts: capability('exactCounts', ({ exactCounts }) => exactCounts),
  purgesAll: capability('purgesAll', ({ purgesAll }) => purgesAll),
  maxMessageBytes: { ...capability('maxMessageBytes', () => true), isMeasure: true },
  transactional: capability('transactional', ({ transactional }) => transactional),
  durable: capability('durable', ({ durable }) => durable),
  shared: capability('shared', ({ shared }) => shared),
} satisfies Record<keyof Required<BrokerCapabilities>, Condition>;

/** Some delays are long enough to be cancelled. */
export const canCancelLong: Condition = {
  about: ['uncancellableDelaySeconds', 'maxDelaySeconds'],
  holds: ({ backend }) => {
    const { maxDelaySeconds, uncancellableDelaySeconds } = backend.broker.capabilities;
    return maxDelaySeconds > uncancellableDelaySeconds;
  },
};

export const canPeekDelayed = both(
  can.maxDelaySeconds,
  capability('peekable', ({ peekable }) => peekable.includes('delayed')),
);

/** Copies come through an exchange to the queues that match and to no others. */
export const routesExactly = part('needsRecheck', ({ backend }) => backend.needsRecheck === undefined);

export const countsChords = part('chords', ({ backend }) => backend.chords !== undefined);

export const hasConnections = part('disrupt', ({ disrupt }) => disrupt !== undefined);

/** Time passes when the suite says so. */
export const movesTime = part('realTime', ({ isTimeReal }) => !isTimeReal);

export const groupsEverywhere = capability('messageGroups', ({ messageGroups }) => messageGroups === 'every-queue');

export const prioritiesEverywhere = capability('priority', ({ priority }) => priority === 'every-queue');

/** Tasks marked `once` can run. */
export const grantsClaims = part('refusesClaims', ({ backend }) => backend.results.refusesClaims === undefined);
