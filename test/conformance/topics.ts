/** The topics of the suite. */

import { batches } from './batches.ts';
import type { Topic } from './behaviour.ts';
import { chords } from './chords.ts';
import { claims } from './claims.ts';
import { closing } from './closing.ts';
import { competingConsumers } from './competing-consumers.ts';
import { deadLetters } from './dead-letters.ts';
import { declaring } from './declaring.ts';
import { deduplication } from './deduplication.ts';
import { delay } from './delay.ts';
import { lookingIntoQueues } from './looking-into-queues.ts';
import { messageGroups } from './message-groups.ts';
import { order } from './order.ts';
import { payloads } from './payloads.ts';
import { priorities } from './priorities.ts';
import { publishAndRouting } from './publish-and-routing.ts';
import { reconnecting } from './reconnecting.ts';
import { results } from './results.ts';
import { revocations } from './revocations.ts';
import { routingVectors } from './routing-vectors.ts';
import { runningTasks } from './running-tasks.ts';
import { schedules } from './schedules.ts';
import { settling } from './settle.ts';
import { tutorials } from './tutorials.ts';
import { visibility } from './visibility.ts';

/** What a store beside a broker promises. */
export const storeTopics: readonly Topic[] = [settling, closing, results, claims, revocations, schedules, chords];

/** Every topic: what the ports promise, as far as the broker's capabilities reach. */
export const topics: readonly Topic[] = [
  publishAndRouting,
  routingVectors,
  declaring,
  order,
  messageGroups,
  competingConsumers,
  visibility,
  settling,
  deduplication,
  delay,
  priorities,
  deadLetters,
  lookingIntoQueues,
  batches,
  payloads,
  closing,
  reconnecting,
  results,
  claims,
  revocations,
  schedules,
  chords,
  runningTasks,
  tutorials,
];
