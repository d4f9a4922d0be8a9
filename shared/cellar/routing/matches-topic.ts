import { TopicIndex } from './topic-index.ts';

/**
 * Whether a topic exchange's binding key matches a routing key, by RabbitMQ's rules.
 *
 * For many patterns at once use `route`, which looks all of them up together.
 */
export function matchesTopic(pattern: string, key: string): boolean {
  const index = new TopicIndex<true>();
  index.add(pattern, true);
  const found: true[] = [];
  index.match(key, found);
  return found.length > 0;
}
