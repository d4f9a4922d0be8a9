/** The options of `npm run deploy:local`. */
import { parseArgs } from 'node:util';

export interface DeployOptions {
  /** A line of JSON for each thing that happens, instead of text. */
  readonly json: boolean;
  /** End after the deployment; only with an emulator that goes on by itself. */
  readonly once: boolean;
  /** Permission to talk to an endpoint that is not this machine. */
  readonly aws: boolean;
  readonly help: boolean;
  /** Where ministack listens. */
  readonly port: number | undefined;
}

export const USAGE = `npm run deploy:local [-- OPTIONS]

Deploys the whole system, with the ordinary cdk bootstrap and cdk deploy of the dev stage, into an emulator of AWS on this
machine, and stays until Ctrl-C. The last line it prints is
  ready api=<url> web=<url> dashboard=<url>

The emulator is the one that AWS_ENDPOINT_URL names; without it, ministack is started here.

  --port N   where ministack listens (default: a free port)
  --once     end after the deployment; needs AWS_ENDPOINT_URL
  --aws      allow an AWS_ENDPOINT_URL that is not on this machine
  --json     print a JSON object a line: {"event":"step",...}, at last {"event":"ready","api":...,"outputs":{...}}
  --help     print this

For example:
  npm run deploy:local -- --port 4566
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 npm run deploy:local -- --once --json

Ends with 0 when it was stopped, 1 when the deployment failed, 2 when it was called wrongly or the emulator is missing.
`;

/** A wrong call: said in one sentence, exit code 2. */
export class DeployUsageError extends Error {}

/** @throws DeployUsageError */
export function parseDeployOptions(parameters: readonly string[]): DeployOptions {
  const { port, ...flags } = parsed(parameters);
  return { ...flags, port: port === undefined ? undefined : portNumber(port) };
}

function parsed(parameters: readonly string[]) {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const options = { json: flag, once: flag, aws: flag, help: flag, port: { type: 'string' } } as const;
    const { json, once, aws, help, port } = parseArgs({ args: [...parameters], options }).values;
    return { json, once, aws, help, port };
  } catch (error) {
    throw new DeployUsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new DeployUsageError(`--port is '${text}', allowed: 1 to 65535`);
}
