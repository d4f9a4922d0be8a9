/** LocalStack in a container, by testcontainers: for machines with a Docker engine, or podman in its place. */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { LocalstackContainer } from '@testcontainers/localstack';
import { makesQueue } from '../../../functions/local/deploy/emulator-process.ts';
import { until } from '../running-shop.ts';

/** The last version that needs no token. */
const IMAGE = 'localstack/localstack:4.14.0';
const DEFAULT_ENGINE = 'unix:///var/run/docker.sock';
const START_WITHIN_MS = 60_000;

/** Only what it does as AWS does, and no call to its maker. */
export const LOCALSTACK_SERVICES: Readonly<Record<string, string>> = {
  SERVICES: 'sqs,sns,s3',
  EAGER_SERVICE_LOADING: '1',
  DISABLE_EVENTS: '1',
  SKIP_SSL_CERT_DOWNLOAD: '1',
};

/** Asks the engine for its version; a program of its own, as a test file must know before its suites are declared. */
const PING = `
const [url] = process.argv.slice(1);
const { request } = await import('node:http');
const { pathname, hostname, port } = new URL(url);
const target = url.startsWith('unix:') ? { socketPath: pathname } : { host: hostname, port };
request({ ...target, path: '/_ping', timeout: 2000 }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1)).on('error', () => process.exit(1)).end();
`;

/** Whether a Docker engine answers, at DOCKER_HOST or at the usual socket. */
export function hasContainerEngine(): boolean {
  const url = process.env.DOCKER_HOST ?? DEFAULT_ENGINE;
  return spawnSync(process.execPath, ['--input-type=module', '-e', PING, url]).status === 0;
}

/**
 * Starts LocalStack 4.14.0 in a container; ready when it makes a queue.
 *
 * The returned queue URLs name the port inside the container: clients must use `endpoint` for every call.
 */
export async function startLocalstackContainer(environment: Readonly<Record<string, string>> = {}) {
  const container = await new LocalstackContainer(IMAGE)
    .withEnvironment({ ...LOCALSTACK_SERVICES, ...environment })
    .start();
  const endpoint = `http://127.0.0.1:${container.getFirstMappedPort()}`;
  await until(() => makesQueue(endpoint), START_WITHIN_MS);
  return {
    endpoint,
    output: () => '',
    async stop() {
      await container.stop();
    },
  };
}
