/** ministack, the emulator that runs the whole of AWS's side of a deployment without Docker. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { EmulatorProgram } from './emulator-process.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where `.ci/servers` installs the emulators. */
export function serversFolder(environment: Environment): string {
  return environment.CELLAR_TEST_SERVERS ?? join(homedir(), '.cache', 'cellar-test-servers');
}

/** The command: what `.ci/servers` installed, else one on the PATH. */
export function findMinistack(environment: Environment): string | undefined {
  const installed = join(serversFolder(environment), 'ministack', 'bin', 'ministack');
  if (existsSync(installed)) return installed;
  const found = spawnSync('sh', ['-c', 'command -v ministack'], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** Functions run under the first node on its PATH, which must be the one of the project: Lambda's Node 24. */
const PROJECT_PROGRAMS = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));

export function ministackProgram(command: string): EmulatorProgram {
  return {
    name: 'ministack',
    command,
    arguments: [],
    environment: (port) => ({
      GATEWAY_PORT: `${port}`,
      MINISTACK_PORT: `${port}`,
      EDGE_PORT: `${port}`,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      PATH: [PROJECT_PROGRAMS, process.env.PATH].join(delimiter),
    }),
  };
}
