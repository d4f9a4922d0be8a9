/** One server for all test files of a Jest run: the first that needs it starts it, the run's end removes it. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareServer, type RunningServer, removeServer, startServer } from './server-process.ts';

/** Set by {@link openRun}, inherited by Jest's workers: `<pid of Jest>:<folder>`. */
const RUN_VARIABLE = 'CELLAR_TEST_RUN';
const LOOK_EVERY_MS = 50;
/** Longer than a start may take. */
const FOUND_WITHIN_MS = 120_000;

/** Called once by Jest before all tests. */
export function openRun(): void {
  process.env[RUN_VARIABLE] = `${process.pid}:${mkdtempSync(join(tmpdir(), 'cellar-run-'))}`;
}

/** Called once by Jest after all tests. */
export async function closeRun(): Promise<void> {
  const run = currentRun();
  if (run === undefined) return;
  const server = startedServer(run.folder);
  if (server !== undefined) await removeServer(server);
  rmSync(run.folder, { recursive: true, force: true });
}

/**
 * The server of this run.
 * @throws Error outside of a run, or where the server did not start
 */
export async function sharedServer(): Promise<RunningServer> {
  const run = currentRun();
  if (run === undefined) throw new Error('there is no Jest run here: ask for a private server');
  if (isFirst(run.folder)) return await startShared(run);
  const deadline = performance.now() + FOUND_WITHIN_MS;
  while (performance.now() < deadline) {
    const server = startedServer(run.folder);
    if (server !== undefined) return server;
    if (existsSync(failureFile(run.folder))) throw new Error(readFileSync(failureFile(run.folder), 'utf8'));
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error('another test file began to start the server and did not end');
}

interface Run {
  readonly pid: number;
  readonly folder: string;
}

function currentRun(): Run | undefined {
  const [, pid, folder] = /^(\d+):(.+)$/.exec(process.env[RUN_VARIABLE] ?? '') ?? [];
  return pid === undefined || folder === undefined ? undefined : { pid: Number(pid), folder };
}

async function startShared({ pid, folder }: Run): Promise<RunningServer> {
  try {
    const server = await startServer(await prepareServer(join(folder, 'rabbitmq')), pid);
    writeFileSync(`${serverFile(folder)}.part`, JSON.stringify(server));
    renameSync(`${serverFile(folder)}.part`, serverFile(folder)); // who sees it sees all of it
    return server;
  } catch (error) {
    writeFileSync(failureFile(folder), String(error));
    throw error;
  }
}

/** Whether no other test file asked before. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(join(folder, 'rabbitmq-asked'));
    return true;
  } catch {
    return false;
  }
}

function startedServer(folder: string): RunningServer | undefined {
  const file = serverFile(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RunningServer) : undefined;
}

const serverFile = (folder: string): string => join(folder, 'rabbitmq.json');
const failureFile = (folder: string): string => join(folder, 'rabbitmq.failed');
