/** The ordinary `cdk`, aimed at an emulator. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EMULATED_ACCOUNT, EMULATED_REGION } from './emulator-request.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const PROGRAMS = join(PROJECT, 'node_modules', '.bin');

/** Emulators have no CloudFront: without it, API Gateway serves the pages, too. */
const CONTEXT = ['-c', 'stage=dev', '-c', 'cdn=false'];

/** cdk says so of each stack that is done. */
const STACK_DONE = /^\s*✅ {2}(\S+)/;

export interface Deployment {
  /** By stack name, the values that the stacks put out. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of each stack, the template that was deployed. */
  readonly templates: readonly Template[];
}

/** A CloudFormation template, cut down to what is read of it here. */
export interface Template {
  readonly Resources?: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
}

export interface DeployTarget {
  readonly endpoint: string;
  /** Emulators on this machine get credentials that open nothing; others the environment's. */
  readonly isLoopback: boolean;
}

export interface DeployProgress {
  readonly onStep: (text: string) => void;
  /** Ends cdk. */
  readonly signal: AbortSignal;
}

/**
 * Bootstraps the account and deploys all stacks of the dev stage.
 * @throws Error with what cdk printed
 */
export async function deployAll(target: DeployTarget, { onStep, signal }: DeployProgress): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), 'cellar-deploy-'));
  const outputs = join(folder, 'outputs.json');
  const assembly = join(folder, 'assembly');
  try {
    onStep('cdk bootstrap');
    const run = (parameters: readonly string[], onLine: (line: string) => void) =>
      cdk(target, parameters, { onLine, signal });
    await run(['bootstrap', `aws://${EMULATED_ACCOUNT}/${EMULATED_REGION}`], () => undefined);
    onStep('cdk deploy --all');
    const to = ['--output', assembly, '--outputs-file', outputs];
    await run(['deploy', '--all', ...CONTEXT, '--require-approval', 'never', ...to], (line) => {
      const stack = STACK_DONE.exec(line)?.[1];
      if (stack !== undefined) onStep(`deployed ${stack}`);
    });
    return { outputs: JSON.parse(await readFile(outputs, 'utf8')), templates: await templatesOf(assembly) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function templatesOf(assembly: string): Promise<readonly Template[]> {
  const manifest: { readonly artifacts: Readonly<Record<string, StackArtifact>> } = JSON.parse(
    await readFile(join(assembly, 'manifest.json'), 'utf8'),
  );
  const stacks = Object.values(manifest.artifacts).filter(({ type }) => type === 'aws:cloudformation:stack');
  return Promise.all(
    stacks.map(async ({ properties }) => JSON.parse(await readFile(join(assembly, properties.templateFile), 'utf8'))),
  );
}

interface StackArtifact {
  readonly type: string;
  readonly properties: { readonly templateFile: string };
}

interface CdkRun {
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

async function cdk(target: DeployTarget, parameters: readonly string[], { onLine, signal }: CdkRun): Promise<void> {
  const command = join(PROGRAMS, 'cdk');
  const child = spawn(command, [...parameters, '--ci', '--no-notices', '--no-version-reporting'], {
    cwd: PROJECT,
    env: cdkEnvironment(target),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      onLine(line);
    });
  }
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`cdk ${parameters[0]} ended with ${code}:\n${lines.slice(-60).join('\n')}`);
}

/** The app is TypeScript that the project's own node runs: its programs come first. */
function cdkEnvironment({ endpoint, isLoopback }: DeployTarget): Readonly<Record<string, string | undefined>> {
  return {
    ...process.env,
    PATH: [PROGRAMS, process.env.PATH].join(delimiter),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: EMULATED_REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(isLoopback
      ? {
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_SESSION_TOKEN: undefined,
          AWS_PROFILE: undefined,
        }
      : undefined),
  };
}
