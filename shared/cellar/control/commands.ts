/** The commands of remote control by the names that Celery gives them (celery/worker/control.py). */
import type { Command } from './command.ts';
import * as limits from './commands/limits.ts';
import * as look from './commands/look.ts';
import * as node from './commands/node.ts';
import * as queues from './commands/queues.ts';
import * as revoke from './commands/revoke.ts';
import * as size from './commands/size.ts';

export const commands: Readonly<Record<string, Command>> = {
  ping: node.ping,
  clock: node.clock,
  stats: node.stats,
  conf: node.conf,
  dump_conf: node.conf,
  report: node.report,
  hello: node.hello,
  heartbeat: node.heartbeat,
  enable_events: node.enableEvents,
  disable_events: node.disableEvents,
  shutdown: node.shutdown,
  active: look.active,
  dump_active: look.active,
  reserved: look.reserved,
  dump_reserved: look.reserved,
  scheduled: look.scheduled,
  dump_schedule: look.scheduled,
  revoked: look.revoked,
  dump_revoked: look.revoked,
  registered: look.registered,
  dump_tasks: look.registered,
  query_task: look.queryTask,
  revoke: revoke.revoke,
  terminate: revoke.terminate,
  revoke_by_stamped_headers: revoke.revokeByStampedHeaders,
  rate_limit: limits.rateLimit,
  time_limit: limits.timeLimit,
  pool_grow: size.poolGrow,
  pool_shrink: size.poolShrink,
  pool_restart: size.poolRestart,
  autoscale: size.autoscale,
  active_queues: queues.activeQueues,
  add_consumer: queues.addConsumer,
  cancel_consumer: queues.cancelConsumer,
};
