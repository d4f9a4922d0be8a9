/** An application as it is deployed: what its module declares and its folders hold, checked whole against AWS's limits. */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { App } from '../app.ts';
import { type AwsPlan, planAws } from '../aws/plan.ts';
import { CellarError, errorOfProblems } from '../errors.ts';
import type { Topology } from '../topology.ts';
import { discover, filesOf } from '../worker/discover.ts';
import type { QueueHandlers } from '../worker/registry.ts';
import { scheduleProblems } from './schedule-problems.ts';
import { planWorker, type WorkerPlan, type WorkerSettings } from './worker-plan.ts';

export interface ApplicationOptions {
  /** Path or file URL of the module that exports `app` (`defineApp`); bundles import it. */
  readonly appModule: string;
  /** What all names on AWS begin with, such as `wine-shop-dev`. */
  readonly prefix: string;
  /** By queue. @default what the tasks' time limits need */
  readonly workers?: Readonly<Record<string, WorkerSettings>>;
}

export interface Application {
  /** Path. */
  readonly appModule: string;
  readonly prefix: string;
  readonly topology: Topology;
  readonly plan: AwsPlan;
  readonly workers: readonly WorkerPlan[];
}

/**
 * Reads an application: loads its module and, as a worker does at its start, the handlers of its folders.
 * @throws CellarError `bad-topology` with everything that AWS cannot hold and every fault of the folders
 */
export async function readApplication(options: ApplicationOptions): Promise<Application> {
  const appModule = pathOf(options.appModule);
  const { topology, workersFolder } = await appOf(appModule);
  const problems: string[] = [];
  const plan = await collected(() => planAws(topology, options.prefix), problems);
  const folder = workersFolder === undefined ? undefined : pathOf(workersFolder);
  const registry = await collected(() => (folder === undefined ? NO_HANDLERS : discover(folder, topology)), problems);
  const { workers: settings = {}, prefix } = options;
  problems.push(...unknownQueues(settings, topology), ...scheduleProblems(topology));
  const workers: WorkerPlan[] = [];
  for (const planned of plan?.queues ?? []) {
    const handlers = registry?.get(planned.queue);
    if (handlers === undefined || folder === undefined) continue;
    const files = (await filesOf(join(folder, planned.queue))).taskFiles.map((name) =>
      join(folder, planned.queue, name),
    );
    const subject = { prefix, planned, handlers, files, settings: settings[planned.queue] ?? {} };
    workers.push(planWorker(subject, problems));
  }
  if (problems.length > 0 || plan === undefined) {
    throw errorOfProblems('bad-topology', 'the application does not fit AWS', problems);
  }
  return { appModule, prefix, topology, plan, workers };
}

const NO_HANDLERS: ReadonlyMap<string, QueueHandlers> = new Map();

function pathOf(location: string): string {
  return location.startsWith('file:') ? fileURLToPath(location) : location;
}

async function appOf(appModule: string): Promise<App> {
  const { app }: { readonly app?: App } = await import(pathToFileURL(appModule).href);
  if (app?.topology !== undefined) return app;
  const name = join(dirname(appModule).split('/').at(-1) ?? '', appModule.split('/').at(-1) ?? '');
  throw new CellarError(
    'bad-topology',
    `${name} exports no app, allowed: export const app = defineApp({ topology, … })`,
  );
}

/** What the work answers; its faults join the others. */
async function collected<T>(work: () => T | Promise<T>, problems: string[]): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CellarError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function unknownQueues(settings: Readonly<Record<string, WorkerSettings>>, { queues }: Topology): string[] {
  return Object.keys(settings)
    .filter((queue) => queues[queue] === undefined)
    .map((queue) => `workers: '${queue}' is no queue of the topology, allowed: ${Object.keys(queues).join(', ')}`);
}
