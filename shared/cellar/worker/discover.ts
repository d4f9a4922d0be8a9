/**
 * Autodiscovery: one folder a queue, one file a task.
 *
 * `workers/mail/worker.ts` exports the worker of the queue `mail`; every other module in the folder has a
 * handler made with that worker as its default export. A new file is a new task; nothing else is edited.
 */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CellarError, errorOfProblems } from '../errors.ts';
import { describeError } from '../exception.ts';
import { nearest } from '../nearest.ts';
import type { Topology } from '../topology.ts';
import type { AnyWorker, BoundHandler } from '../worker.ts';
import { type FoundHandler, type QueueHandlers, registryOf } from './registry.ts';

const WORKER_FILE = /^worker\.[cm]?[jt]s$/;
const MODULE = /(?<!\.d|\.test|\.spec)\.[cm]?[jt]s$/;

/**
 * Finds all workers and handlers below a folder, by queue.
 * @throws CellarError `discovery` with every fault found, each naming its file; `duplicate-handler` when that is the only one
 */
export async function discover(workersFolder: string, topology: Topology): Promise<ReadonlyMap<string, QueueHandlers>> {
  const root = workersFolder.startsWith('file:') ? fileURLToPath(workersFolder) : workersFolder;
  const problems: string[] = [];
  const found: FoundHandler[] = [];
  const folders = await foldersOf(root);
  for (const folder of folders) found.push(...(await readFolder(join(root, folder), { folder, topology, problems })));
  const handled = new Set(found.map(({ handler }) => handler.worker.queue));
  for (const [queue, { elsewhere }] of Object.entries(topology.queues)) {
    if (!elsewhere && !handled.has(queue) && !folders.includes(queue)) {
      problems.push(`queue ${queue} is declared but has no folder ${shown(join(root, queue))}`);
    }
  }
  const registry = registered(found, problems);
  if (problems.length > 0) throw errorOfProblems('discovery', `workers in ${shown(root)}`, problems);
  return registry;
}

/** A double handler is a fault of its own, unless there are others to report it with. */
function registered(found: readonly FoundHandler[], problems: string[]): ReadonlyMap<string, QueueHandlers> {
  try {
    return registryOf(found);
  } catch (error) {
    if (problems.length === 0 || !(error instanceof CellarError)) throw error;
    problems.push(...error.problems);
    return new Map();
  }
}

async function foldersOf(root: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    throw new CellarError('discovery', `cannot read the workers folder ${shown(root)}: ${describeError(error)}`, {
      cause: error,
    });
  }
}

/** The modules of a worker's folder by name: that of the worker, and those of its tasks in alphabetical order. */
export async function filesOf(folder: string): Promise<{ workerFile: string | undefined; taskFiles: string[] }> {
  const files = (await readdir(folder)).filter((name) => MODULE.test(name)).sort();
  const workerFile = files.find((name) => WORKER_FILE.test(name));
  return { workerFile, taskFiles: files.filter((name) => name !== workerFile) };
}

interface FolderScan {
  readonly folder: string;
  readonly topology: Topology;
  readonly problems: string[];
}

async function readFolder(path: string, { folder, topology, problems }: FolderScan): Promise<readonly FoundHandler[]> {
  if (topology.queues[folder] === undefined) {
    const near = nearest(folder, Object.keys(topology.queues));
    problems.push(
      `folder ${shown(path)} has no queue ${folder} in the topology${near === undefined ? '' : `, did you mean ${near}?`}`,
    );
    return [];
  }
  const { workerFile, taskFiles } = await filesOf(path);
  if (workerFile === undefined) {
    problems.push(`folder ${shown(path)} has no worker.ts that exports the worker of the queue ${folder}`);
    return [];
  }
  const worker = await workerOf(join(path, workerFile), folder, problems);
  if (worker === undefined) return [];
  const found: FoundHandler[] = [];
  for (const name of taskFiles) {
    const source = shown(join(path, name));
    const handler = await handlerOf(join(path, name), worker, problems);
    if (handler !== undefined) found.push({ handler, source });
  }
  if (taskFiles.length === 0) problems.push(`folder ${shown(path)} has no task file beside ${workerFile}`);
  return found;
}

async function workerOf(file: string, queue: string, problems: string[]): Promise<AnyWorker | undefined> {
  const module = await load(file, problems);
  if (module === undefined) return undefined;
  const workers = Object.values(module).filter(isWorker);
  const worker = workers.find((candidate) => candidate.queue === queue);
  if (worker === undefined) {
    const got = workers.map((candidate) => candidate.queue).join(', ') || 'no worker';
    problems.push(`${shown(file)} must export the worker of the queue ${queue}, got ${got}`);
  }
  return worker;
}

async function handlerOf(file: string, worker: AnyWorker, problems: string[]): Promise<BoundHandler | undefined> {
  const module = await load(file, problems);
  if (module === undefined) return undefined;
  const handler = module.default;
  if (!isHandler(handler)) {
    problems.push(
      `${shown(file)} has no handler as its default export (export default ${worker.queue}.handle(contract, …))`,
    );
    return undefined;
  }
  if (typeof handler.contract?.name !== 'string' || typeof handler.contract.params !== 'object') {
    problems.push(`${shown(file)} has a handler without a contract`);
    return undefined;
  }
  if (handler.worker === worker) return handler;
  problems.push(
    `${shown(file)} is bound to the worker of the queue ${handler.worker.queue}, allowed: ${worker.queue}, the queue of its folder`,
  );
  return undefined;
}

async function load(file: string, problems: string[]): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    problems.push(`${shown(file)} cannot be loaded: ${describeError(error)}`);
    return undefined;
  }
}

function isWorker(value: unknown): value is AnyWorker {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'cellar.worker';
}

function isHandler(value: unknown): value is BoundHandler {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'cellar.handler';
}

function shown(path: string): string {
  return relative(process.cwd(), path) || '.';
}
