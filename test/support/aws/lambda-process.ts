/** A Lambda bundle under AWS's own runtime client for Node, as Lambda starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { serversFolder } from '../../../functions/local/deploy/ministack.ts';
import { neededInCi } from './emulator.ts';
import { type InvocationOutcome, startRuntimeApi } from './runtime-api.ts';

const CLIENT = join(serversFolder(process.env), 'lambda-runtime', 'node_modules', 'aws-lambda-ric', 'index.mjs');

export interface LambdaProcess {
  /** Hands it an event. An event that takes longer ends the process, as Lambda ends it. */
  invoke(event: unknown, timeoutMs: number): Promise<InvocationOutcome>;
  /** How it failed to load, if it did. */
  initFault(): { readonly errorType: string; readonly errorMessage: string } | undefined;
  isRunning(): boolean;
  /** What it printed: its log. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Whether AWS's runtime client is installed.
 * @throws Error where `CI` is `true` and it is not
 */
export function hasLambdaRuntime(): boolean {
  return neededInCi(existsSync(CLIENT), 'aws-lambda-ric');
}

/** Starts the function whose bundle is `index.mjs` in a folder, with nothing in its environment but what is given. */
export async function startLambdaProcess(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<LambdaProcess> {
  const api = await startRuntimeApi();
  const child = spawn(process.execPath, [CLIENT], {
    cwd: folder,
    env: { ...lambdaEnvironment(folder, api.address), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<InvocationOutcome>((resolve) => {
    child.once('exit', (code) =>
      resolve({ kind: 'failed', errorType: 'Runtime.ExitError', errorMessage: `exit code ${code}` }),
    );
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return {
    initFault: api.initFault,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    output: () => text,
    async invoke(event, timeoutMs) {
      const outcome = await Promise.race([api.invoke(event, timeoutMs), exited]);
      if (outcome.kind === 'timed-out') await kill(child);
      return outcome;
    },
    async stop() {
      await kill(child);
      await api.stop();
    },
  };
}

/** Lambda's own variables (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). */
function lambdaEnvironment(folder: string, address: string): Readonly<Record<string, string>> {
  return {
    AWS_LAMBDA_RUNTIME_API: address,
    AWS_LAMBDA_FUNCTION_NAME: 'test',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/test',
    AWS_LAMBDA_LOG_STREAM_NAME: 'test',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: 'test',
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: 'index.handler',
    PATH: process.env.PATH ?? '',
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}
