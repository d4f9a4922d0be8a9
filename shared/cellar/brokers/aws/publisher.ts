/** Sends messages the way that was planned for each, in batches, and says what became of each. */
import { AwsCallError, type AwsCalls } from '../../aws/calls.ts';
import { type AwsLocation, awsNames } from '../../aws/location.ts';
import type { PayloadStore } from '../../backend.ts';
import type { OutgoingMessage, PublishOutcome } from '../../broker.ts';
import { describeError } from '../../exception.ts';
import { type Refusal, refusal } from '../plan-publish.ts';
import type { Batches } from './batches.ts';
import { delaySchedule, queueDelaySeconds } from './delay.ts';
import { type EntryFault, faultOfCall, refusalOf } from './faults.ts';
import type { MessageText } from './message-text.ts';
import { type PlannedSend, planSend, type SendRules, sizeOf, type Way, withBodyElsewhere } from './plan-send.ts';

export interface PublisherParts {
  readonly calls: AwsCalls;
  readonly location: AwsLocation;
  readonly batches: Batches;
  readonly payloads: PayloadStore | undefined;
}

export type Publish = (rules: SendRules, messages: readonly OutgoingMessage[]) => Promise<readonly PublishOutcome[]>;

type ReadySend = PlannedSend & { readonly content: MessageText };
type Planned = PlannedSend | Refusal;

/** Messages of one call and one group reach their queue in order: all are added before any is waited for. */
export function awsPublish(parts: PublisherParts): Publish {
  const { calls, location, batches, payloads } = parts;
  const { prefix } = location;

  const ways: Readonly<Record<Way, (send: ReadySend, nowMs: number) => Promise<Refusal | undefined>>> = {
    queues: async (send) => firstRefusal(await Promise.all(send.queues.map((queue) => toQueue(send, queue)))),
    async topic({ message: { exchange }, content, attributes, groupId, deduplicationId }) {
      const ids = { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId };
      const entry = { Message: content.text, MessageAttributes: attributes, ...ids };
      const place = { bytes: sizeOf(content, { attributes }), group: groupId };
      const fault = await batches.publishes(awsNames.topic(prefix, exchange)).add(entry, place);
      return fault === undefined ? undefined : refusalOf(fault, `exchange '${exchange}'`);
    },
    async 'delay-queue'({ message: { dueAtMs = 0, routingKey }, content: { text, bytes } }, nowMs) {
      const entry = { MessageBody: text, DelaySeconds: queueDelaySeconds(dueAtMs, nowMs) };
      const fault = await batches.sends(awsNames.delayQueue(prefix)).add(entry, { bytes });
      return fault === undefined ? undefined : refusalOf(fault, `queue '${routingKey}'`);
    },
    async schedule({ message, content: { text } }) {
      const fault = await scheduled(delaySchedule(location, message, { text, dueAtMs: message.dueAtMs ?? 0 }));
      return fault === undefined ? undefined : refusalOf(fault, `a schedule for queue '${message.routingKey}'`);
    },
  };

  async function toQueue(
    { content: { text, bytes }, groupId, deduplicationId }: ReadySend,
    queue: string,
  ): Promise<Refusal | undefined> {
    const entry = { MessageBody: text, MessageGroupId: groupId, MessageDeduplicationId: deduplicationId };
    const fault = await batches.sends(awsNames.queue(prefix, queue)).add(entry, { bytes, group: groupId });
    return fault === undefined ? undefined : refusalOf(fault, `queue '${queue}'`);
  }

  /** One that exists already is this attempt's own. */
  async function scheduled(schedule: ReturnType<typeof delaySchedule>): Promise<EntryFault | undefined> {
    try {
      await calls.call('scheduler:CreateSchedule', schedule);
      return undefined;
    } catch (error) {
      const exists = error instanceof AwsCallError && error.awsCode === 'ConflictException';
      return exists ? undefined : faultOfCall(error);
    }
  }

  async function storeBody(send: PlannedSend): Promise<Planned> {
    if (payloads === undefined || send.content !== undefined) return send;
    try {
      return withBodyElsewhere(send, await payloads.put(send.message.body));
    } catch (error) {
      return refusal('broker-unavailable', `the body could not be stored: ${describeError(error)}`);
    }
  }

  async function finish(planned: Planned, nowMs: number): Promise<PublishOutcome> {
    if (!('way' in planned)) return planned;
    const { content, queues } = planned;
    if (content === undefined) return refusal('not-supported', 'there is no store for large bodies');
    return (await ways[planned.way]({ ...planned, content }, nowMs)) ?? { status: 'accepted', queues };
  }

  return async (rules, messages) => {
    let planned = messages.map((message) => planSend(rules, message));
    // A body on its way to its store must not be overtaken by a later message of its group.
    if (planned.some((one) => 'way' in one && one.content === undefined)) {
      planned = await Promise.all(planned.map((one) => ('way' in one ? storeBody(one) : one)));
    }
    const nowMs = rules.runtime.clock.now();
    return await Promise.all(planned.map((one) => finish(one, nowMs)));
  };
}

function firstRefusal(outcomes: readonly (Refusal | undefined)[]): Refusal | undefined {
  return outcomes.find((outcome) => outcome !== undefined);
}
