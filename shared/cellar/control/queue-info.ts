/** A queue as Celery describes those it takes from (kombu's `Queue.as_dict`): what is not set is null. */
import type { Topology } from '../topology.ts';

export function queueInfo(queue: string, declared: Topology['queues'][string] | undefined) {
  return {
    name: queue,
    // Tasks are sent to their queue through the default exchange.
    exchange: {
      name: '',
      type: 'direct',
      arguments: null,
      durable: true,
      passive: false,
      auto_delete: false,
      delivery_mode: null,
      no_declare: false,
    },
    routing_key: queue,
    queue_arguments: null,
    binding_arguments: null,
    consumer_arguments: null,
    durable: true,
    exclusive: false,
    auto_delete: false,
    no_ack: false,
    alias: null,
    bindings: [],
    no_declare: null,
    expires: null,
    message_ttl: null,
    max_length: null,
    max_length_bytes: null,
    max_priority: declared?.maxPriority || null,
  };
}
