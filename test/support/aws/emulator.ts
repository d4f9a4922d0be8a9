/**
 * AWS on this machine: ministack (the whole stack) and LocalStack 4.14.0 (SQS, SNS and S3 as AWS has them). Each is
 * taken where it can be had: given by its URL, else started from what `.ci/servers` installed, else (LocalStack) in a
 * container. TEST_LOCALSTACK=container asks for the container, as CI does.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type EmulatorProgram, startEmulatorProcess } from '../../../functions/local/deploy/emulator-process.ts';
import { findMinistack, ministackProgram, serversFolder } from '../../../functions/local/deploy/ministack.ts';
import { hasContainerEngine, LOCALSTACK_SERVICES, startLocalstackContainer } from './localstack-container.ts';

export { EMULATED_ACCOUNT, EMULATED_REGION } from '../../../functions/local/deploy/emulator-request.ts';

export type EmulatorName = 'ministack' | 'localstack';

export interface Emulator {
  readonly name: EmulatorName;
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** What it printed, if it was started here. */
  output(): string;
  /** Ends it, if it was started here. */
  stop(): Promise<void>;
}

/** A running one, given by its URL. */
const URL_VARIABLES: Readonly<Record<EmulatorName, string>> = {
  ministack: 'CELLAR_TEST_MINISTACK_URL',
  localstack: 'CELLAR_TEST_LOCALSTACK_URL',
};

const INSTALLED: Readonly<Record<EmulatorName, () => EmulatorProgram | undefined>> = {
  ministack() {
    const command = findMinistack(process.env);
    return command === undefined ? undefined : ministackProgram(command);
  },
  localstack() {
    const command = join(serversFolder(process.env), 'localstack', 'bin', 'python');
    return existsSync(command) ? localstackProgram(command) : undefined;
  },
};

function localstackProgram(command: string): EmulatorProgram {
  return {
    name: 'localstack',
    command,
    arguments: ['-m', 'localstack.runtime.main'],
    environment: (port, folder) => ({
      ...LOCALSTACK_SERVICES,
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      FILESYSTEM_ROOT: folder,
    }),
  };
}

/**
 * Whether an emulator can be had on this machine.
 * @throws Error where `CI` is `true` and it cannot: there it must be installed
 */
export function hasEmulator(name: EmulatorName): boolean {
  const isThere =
    Boolean(process.env[URL_VARIABLES[name]]) || isInstalled(name) || (name === 'localstack' && hasContainerEngine());
  return neededInCi(isThere, name);
}

/** @throws Error where `CI` is `true` and it is not there */
export function neededInCi(isThere: boolean, what: string): boolean {
  if (!isThere && process.env.CI === 'true') throw new Error(`${what} is not here, and CI needs it (.ci/servers)`);
  return isThere;
}

/** Starts an emulator on a free port, or takes the one whose URL is given; ready when it makes a queue. */
export async function startEmulator(
  name: EmulatorName,
  environment: Readonly<Record<string, string>> = {},
): Promise<Emulator> {
  const given = process.env[URL_VARIABLES[name]];
  if (given) return { name, endpoint: given.replace(/\/$/, ''), output: () => '', stop: async () => undefined };
  const inContainer = process.env.TEST_LOCALSTACK === 'container' || !isInstalled(name);
  if (name === 'localstack' && inContainer) return { name, ...(await startLocalstackContainer(environment)) };
  return startInstalled(name, environment);
}

export function isInstalled(name: EmulatorName): boolean {
  return INSTALLED[name]() !== undefined;
}

/** Starts what `.ci/servers` installed. */
export async function startInstalled(
  name: EmulatorName,
  environment: Readonly<Record<string, string>> = {},
): Promise<Emulator> {
  const program = INSTALLED[name]();
  if (program === undefined) throw new Error(`${name} is not installed (.ci/servers)`);
  const own = (port: number, folder: string) => ({ ...program.environment(port, folder), ...environment });
  return { name, ...(await startEmulatorProcess({ ...program, environment: own })) };
}
