/** An application as it is deployed: what its module declares and its folders hold, checked whole against AWS's limits. */
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { App } from '../app.ts';
import { queuePlans } from '../aws/plan/queues.ts';
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
  const folder = workersFolder === undefined ? undefined : pathOf(workersFolder);
  const registry = await collected(() => (folder === undefined ? NO_HANDLERS : discover(folder, topology)), problems);
  const files = new Map<string, readonly string[]>();
  for (const queue of registry?.keys() ?? []) {
    const path = join(folder ?? '', queue);
    files.set(
      queue,
      (await filesOf(path)).taskFiles.map((name) => join(path, name)),
    );
  }
  return planApplication({ ...options, appModule, topology, registry: registry ?? NO_HANDLERS, files }, problems);
}

export interface ApplicationParts extends ApplicationOptions {
  readonly topology: Topology;
  readonly registry: ReadonlyMap<string, QueueHandlers>;
  /** By queue, the modules of its handlers. */
  readonly files: ReadonlyMap<string, readonly string[]>;
}

/**
 * Plans an application whose handlers are at hand; `found` are problems that join those of the plan.
 * @throws CellarError `bad-topology`
 */
export function planApplication(parts: ApplicationParts, found: readonly string[] = []): Application {
  const { appModule, prefix, topology, registry, files, workers: settings = {} } = parts;
  const problems = [...found, ...unknownQueues(settings, topology), ...scheduleProblems(topology)];
  const plan = planned(topology, prefix, problems);
  const workers = plan.queues.flatMap((queuePlan) => {
    const { queue } = queuePlan;
    const handlers = registry.get(queue);
    if (handlers === undefined) return [];
    const subject = {
      prefix,
      planned: queuePlan,
      handlers,
      files: files.get(queue) ?? [],
      settings: settings[queue] ?? {},
    };
    return [planWorker(subject, problems)];
  });
  if (problems.length > 0) throw errorOfProblems('bad-topology', 'the application does not fit AWS', problems);
  return { appModule, prefix, topology, plan, workers };
}

function planned(topology: Topology, prefix: string, problems: string[]): AwsPlan {
  try {
    return planAws(topology, prefix);
  } catch (error) {
    problems.push(...problemsOf(error));
    return { queues: queuePlans(topology, prefix), topics: [], subscriptions: [] }; // for what else is wrong
  }
}

const NO_HANDLERS: ReadonlyMap<string, QueueHandlers> = new Map();

function pathOf(location: string): string {
  return location.startsWith('file:') ? fileURLToPath(location) : location;
}

async function appOf(appModule: string): Promise<App> {
  const { app }: { readonly app?: App } = await import(pathToFileURL(appModule).href);
  if (app?.topology !== undefined) return app;
  const name = join(basename(dirname(appModule)), basename(appModule));
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
    problems.push(...problemsOf(error));
    return undefined;
  }
}

/** @throws what is no fault of the application */
function problemsOf(error: unknown): readonly string[] {
  if (error instanceof CellarError) return error.problems;
  throw error;
}

function unknownQueues(settings: Readonly<Record<string, WorkerSettings>>, { queues }: Topology): string[] {
  return Object.keys(settings)
    .filter((queue) => queues[queue] === undefined)
    .map((queue) => `workers: '${queue}' is no queue of the topology, allowed: ${Object.keys(queues).join(', ')}`);
}
