import { batches, payloads } from './batches-and-payloads.ts';
import { claims, schedules } from './claims-and-schedules.ts';
import { closing } from './closing.ts';
import { competingConsumers } from './competing-consumers.ts';
import { admin, deadLetters } from './dead-letters-and-admin.ts';
import { deduplication, delay } from './deduplication-and-delay.ts';
import type { OpenHarness } from './harness.ts';
import { orderAndGroups } from './order-and-groups.ts';
import { publishAndRouting } from './publish-and-routing.ts';
import { results } from './results.ts';
import { settle } from './settle.ts';
import { visibility } from './visibility.ts';

/** Every topic, on one broker: what the ports promise, as far as the broker's capabilities reach. */
export function conformance(open: OpenHarness): void {
  publishAndRouting(open);
  orderAndGroups(open);
  competingConsumers(open);
  visibility(open);
  settle(open);
  deduplication(open);
  delay(open);
  deadLetters(open);
  admin(open);
  batches(open);
  payloads(open);
  closing(open);
  results(open);
  claims(open);
  schedules(open);
}
