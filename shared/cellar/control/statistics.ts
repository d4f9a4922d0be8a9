/** What a node answers to `stats` (celery/worker/worker.py `stats`). */
import process from 'node:process';
import type { NodeContext } from './command.ts';

export function statistics({ node, queues, cellar, autoscaler }: NodeContext) {
  const { workers } = queues;
  const pool = workers[0]?.pool;
  const children = [...new Set(workers.flatMap((worker) => worker.pool.processIds()))];
  const { taskTimeLimitSeconds: hard, taskSoftTimeLimitSeconds: soft } = cellar.settings;
  return {
    total: node.counts,
    pid: node.pid,
    clock: String(node.lamport.value),
    uptime: Math.round((node.clock.now() - node.startedAtMs) / 1000),
    pool: {
      implementation: `cellar:${pool?.name ?? 'none'}`,
      'max-concurrency': workers.reduce((sum, { concurrency }) => sum + concurrency, 0),
      processes: children.length === 0 ? [node.pid] : children,
      'max-tasks-per-child': 'N/A',
      'put-guarded-by-semaphore': false,
      timeouts: [soft ?? 0, hard ?? 0],
      writes: 'N/A',
    },
    ...(autoscaler === undefined
      ? undefined
      : {
          autoscaler: {
            ...autoscaler.range,
            current: workers.reduce((sum, { concurrency }) => sum + concurrency, 0),
            qty: workers.reduce((sum, { heldCount }) => sum + heldCount, 0),
          },
        }),
    broker: brokerInfo(cellar.settings.brokerUrl),
    prefetch_count: workers.reduce((sum, { capacity }) => sum + capacity, 0),
    rusage: resourceUsage(),
  };
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { amqp: 5672, amqps: 5671 };

/** Of several hosts the first is shown, the others as alternates. */
function brokerInfo(url: string) {
  const [, scheme = '', login = '', hosts = '', vhost = ''] =
    /^([a-z0-9+.-]+):(?:\/\/(?:(.*)@)?([^/?@]*)\/?([^?]*))?/i.exec(url) ?? [];
  const [first = '', ...others] = hosts.split(',');
  const [, hostname = first, port] = /^(.*?):(\d+)$/.exec(first) ?? [];
  return {
    hostname: hostname || null,
    userid: decodeURIComponent(login.split(':', 1)[0] ?? '') || null,
    virtual_host: scheme.startsWith('amqp') ? decodeURIComponent(vhost) || '/' : null,
    port: port === undefined ? (DEFAULT_PORTS[scheme] ?? null) : Number(port),
    insist: false,
    ssl: scheme.endsWith('s') && scheme !== 'sqs',
    transport: scheme.replace(/^amqps$/, 'amqp'),
    connect_timeout: null,
    transport_options: {},
    login_method: 'PLAIN',
    uri_prefix: null,
    heartbeat: null,
    failover_strategy: 'round-robin',
    alternates: others,
    credential_provider: null,
  };
}

/** As Python's `resource.getrusage`: seconds and KiB. */
function resourceUsage() {
  const usage = process.resourceUsage();
  return {
    utime: usage.userCPUTime / 1e6,
    stime: usage.systemCPUTime / 1e6,
    maxrss: usage.maxRSS,
    ixrss: usage.sharedMemorySize,
    idrss: usage.unsharedDataSize,
    isrss: usage.unsharedStackSize,
    minflt: usage.minorPageFault,
    majflt: usage.majorPageFault,
    nswap: usage.swappedOut,
    inblock: usage.fsRead,
    oublock: usage.fsWrite,
    msgsnd: usage.ipcSent,
    msgrcv: usage.ipcReceived,
    nsignals: usage.signalsCount,
    nvcsw: usage.voluntaryContextSwitches,
    nivcsw: usage.involuntaryContextSwitches,
  };
}
