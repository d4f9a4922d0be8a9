/** Which emulator a deployment goes to. Never a real account by accident. */
import type { DeployTarget } from './cdk.ts';
import { type DeployOptions, DeployUsageError } from './options.ts';

const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|(.+\.)?localhost)$/;

/**
 * The emulator that AWS_ENDPOINT_URL names; `undefined` = none is named.
 * @throws DeployUsageError where it is not on this machine and `--aws` is not given
 */
export function givenTarget(
  endpoint: string | undefined,
  { aws, once, port }: Pick<DeployOptions, 'aws' | 'once' | 'port'>,
): DeployTarget | undefined {
  if (endpoint === undefined || endpoint === '') {
    if (once) throw new DeployUsageError('--once needs an emulator that goes on: AWS_ENDPOINT_URL is not set');
    return undefined;
  }
  if (port !== undefined) throw new DeployUsageError(`--port is ${port}, allowed: none beside AWS_ENDPOINT_URL`);
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new DeployUsageError(`AWS_ENDPOINT_URL is '${endpoint}', allowed: an URL such as http://127.0.0.1:4566`);
  }
  const isLoopback = LOOPBACK.test(url.hostname);
  if (!isLoopback && !aws) {
    throw new DeployUsageError(`AWS_ENDPOINT_URL is '${endpoint}', allowed: this machine, or any with --aws`);
  }
  return { endpoint: endpoint.replace(/\/$/, ''), isLoopback };
}
