/** The life of `cellar worker`: starts a node with its queues, says that it is there, and stops it. */
import process from 'node:process';
import { type RunningNode, startNode } from '../../control/start-node.ts';
import { brokerName } from '../../inspect/broker-name.ts';
import type { TaskPool } from '../../worker/pool.ts';
import { openPool } from '../../worker/pools/open-pool.ts';
import type { CommandContext } from '../command.ts';
import { aborted, type Stops } from '../until-stopped.ts';
import type { OpenApp } from '../with-cellar.ts';
import { type Handlers, handlersOf } from './handlers-of.ts';
import { type HealthServer, startHealthServer } from './health-server.ts';
import { nodeOptions } from './node-options.ts';
import { readinessOf } from './readiness.ts';
import { writePidFile, writeStateFile } from './state-file.ts';
import type { WorkerFlags } from './worker-flags.ts';

export interface WorkerRun {
  readonly open: OpenApp;
  readonly flags: WorkerFlags;
  readonly stops: Stops;
}

/** @throws CellarError what keeps it from starting */
export async function runWorker(context: CommandContext, run: WorkerRun): Promise<void> {
  const { pidfile } = run.flags;
  const pid = pidfile === undefined ? undefined : await writePidFile(pidfile);
  try {
    const handlers = await handlersOf(run.open, run.flags);
    const pool = await poolOf(run, handlers);
    try {
      await work(context, run, { handlers, pool });
    } finally {
      await pool?.close();
    }
  } finally {
    await pid?.remove();
  }
}

/** Absent where tasks run in this process. */
async function poolOf({ open, flags }: WorkerRun, { available, queues }: Handlers): Promise<TaskPool | undefined> {
  const { cellar, appPath } = open;
  const { settings } = cellar;
  if (settings.workerPool === 'async') return undefined;
  const each = flags.autoscale?.min ?? flags.concurrency;
  const sizes = queues.map((queue) => each ?? available.get(queue)?.worker.concurrency ?? settings.workerConcurrency);
  const memoryKib = settings.workerMaxMemoryPerChildKib;
  return openPool(cellar, {
    kind: settings.workerPool,
    appPath,
    queues,
    size: sizes.reduce((sum, size) => sum + size, 0),
    maxTasksPerChild: settings.workerMaxTasksPerChild,
    maxMemoryBytesPerChild: memoryKib === undefined ? undefined : memoryKib * 1024,
  });
}

interface Prepared {
  readonly handlers: Handlers;
  readonly pool: TaskPool | undefined;
}

async function work(context: CommandContext, run: WorkerRun, { handlers, pool }: Prepared): Promise<void> {
  const { open, flags, stops } = run;
  const node = await startNode(open.cellar, nodeOptions(flags, handlers, pool));
  const health = await healthOf(run, node);
  try {
    const ready = reportReady(context, run, { handlers, node, health });
    const file = flags.readyFile === undefined ? undefined : await writeStateFile(flags.readyFile, `${ready}\n`);
    await Promise.race([aborted(stops.warm), aborted(node.stopAsked)]);
    const how = stops.cold.aborted ? 'what runs is given back' : 'what runs is finished; a second signal stops at once';
    open.cellar.log.info(`stopping: ${how}`);
    await file?.remove();
  } finally {
    await stop(run, node);
    await health?.close();
  }
}

async function healthOf({ open, flags, stops }: WorkerRun, node: RunningNode): Promise<HealthServer | undefined> {
  const { healthPort: port, healthHost: host = '127.0.0.1' } = flags;
  if (port === undefined) return undefined;
  const isStopping = (): boolean => stops.warm.aborted || node.stopAsked.aborted;
  try {
    return await startHealthServer({ host, port }, readinessOf({ cellar: open.cellar, node, isStopping }));
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/** Warm; cold at a second signal, after the time that the settings allow for it; at a third that time is over. */
async function stop({ open, stops }: WorkerRun, node: RunningNode): Promise<void> {
  const softMs = open.cellar.settings.workerSoftShutdownTimeoutSeconds * 1000;
  const stopped = stops.cold.aborted ? node.stop({ cold: true, softMs }) : node.stop();
  await Promise.race([stopped, aborted(stops.cold)]);
  if (stops.cold.aborted) void node.stop({ cold: true, softMs }).catch(() => undefined); // `stopped` says the same
  await Promise.race([stopped, aborted(stops.now)]);
  if (stops.now.aborted) void node.stop({ cold: true }).catch(() => undefined);
  await stopped;
}

interface Started {
  readonly handlers: Handlers;
  readonly node: RunningNode;
  readonly health: HealthServer | undefined;
}

/** Answers what it says as JSON. */
function reportReady(
  { output, common }: CommandContext,
  { open }: WorkerRun,
  { handlers: { available, queues }, node, health }: Started,
): string {
  const broker = brokerName(open.cellar.settings.brokerUrl);
  const tasks = [...new Set(queues.flatMap((queue) => [...(available.get(queue)?.handlers.keys() ?? [])]))];
  const { workerPool: pool } = open.cellar.settings;
  const ready = { ready: 'worker', broker, queues, tasks, node: node.name, pid: process.pid, pool };
  const all = health === undefined ? ready : { ...ready, healthUrl: health.url };
  if (common.json) output.json(all);
  else output.text(`ready: worker on ${broker}, queues ${queues.join(', ')}, ${tasks.length} tasks\n`);
  return JSON.stringify(all);
}
