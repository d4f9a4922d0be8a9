/** Makes what an application needs where nobody deploys it, as an emulator; what exists stays. */
import type { AwsLocation } from '../../../aws/location.ts';
import type { AwsPlan } from '../../../aws/plan.ts';
import { createQueues } from './create-queues.ts';
import { createStores } from './create-stores.ts';
import { createTopics } from './create-topics.ts';

/**
 * Roles and keys are not made: AWS itself needs a deployment. Rejects with the SDK's errors.
 */
export function createOnAws(location: AwsLocation): (plan: AwsPlan) => Promise<void> {
  return async (plan) => {
    await Promise.all([createMessaging(location, plan), createStores(location)]);
  };
}

/** Queues, topics and subscriptions alone. */
export async function createMessaging(location: AwsLocation, plan: AwsPlan): Promise<void> {
  await createQueues(location, plan);
  await createTopics(location, plan);
}
