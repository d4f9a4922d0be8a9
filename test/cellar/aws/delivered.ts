import { type AwsPlan, attributesFor } from '../../../shared/cellar/aws/plan.ts';
import type { Headers } from '../../../shared/cellar/broker.ts';
import { snsDelivers } from './sns-filter.ts';

/** A message as it is routed. */
export interface Sent {
  readonly exchange: string;
  readonly routingKey: string;
  readonly headers: Headers;
}

/** The queues to which the subscriptions of a plan let a message through, in the order of the plan. */
export function delivered(plan: AwsPlan, sent: Sent): readonly string[] {
  const attributes = attributesFor(plan, sent.exchange, sent);
  return plan.subscriptions
    .filter(({ exchange, filterPolicy }) => exchange === sent.exchange && snsDelivers(filterPolicy, attributes))
    .map(({ queue }) => queue);
}
