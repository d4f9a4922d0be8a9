/** A real RabbitMQ for tests: the one whose URL is given, else `rabbitmq-server` on free ports of this machine. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { type Management, management } from './rabbitmq/management.ts';
import {
  control,
  endServer,
  prepareServer,
  type RunningServer,
  removeServer,
  startServer,
  type TlsFiles,
} from './rabbitmq/server-process.ts';
import { sharedServer } from './rabbitmq/shared-server.ts';
import { requires } from './requires.ts';

/** A running one: `amqp://user:password@host:port` without a virtual host, and its management interface. */
const URL_VARIABLE = 'CELLAR_TEST_AMQP_URL';
const MANAGEMENT_VARIABLE = 'CELLAR_TEST_AMQP_MANAGEMENT_URL';

/** A virtual host of its own on a server, empty at first. */
export interface TestVhost {
  readonly name: string;
  /** `amqp://guest:guest@127.0.0.1:<port>/<vhost>` */
  readonly url: string;
  /** Deletes it with everything in it. */
  delete(): Promise<void>;
}

export interface TestRabbitmq extends Omit<TestVhost, 'delete'> {
  /** `http://guest:guest@127.0.0.1:<port>` */
  readonly managementUrl: string;
  readonly management: Management;
  readonly amqpPort: number;
  /** One more virtual host. */
  vhost(): Promise<TestVhost>;
  /** Deletes its virtual host; ends the server if it is private. */
  stop(): Promise<void>;
}

/** A server that nobody else uses. */
export interface PrivateRabbitmq extends TestRabbitmq {
  /** 0 without TLS. */
  readonly tlsPort: number;
  /** Ends it as the kernel would. */
  kill(): Promise<void>;
  /** Starts it again on its ports, with what it had stored; about 5 s. */
  startAgain(): Promise<void>;
  /** Runs `rabbitmqctl` and answers what it printed; about 1 s. */
  control(...words: readonly string[]): Promise<string>;
}

/**
 * Whether tests have a RabbitMQ here.
 * @throws Error where `CI` is `true` and there is none
 */
export function hasRabbitmq(): boolean {
  return Boolean(process.env[URL_VARIABLE]) || requires('rabbitmq-server');
}

/** A virtual host of its own, on the one server of this Jest run. */
export async function startRabbitmq(): Promise<TestRabbitmq> {
  const given = process.env[URL_VARIABLE];
  if (given) return await onServer(given.replace(/\/+$/, ''), process.env[MANAGEMENT_VARIABLE] ?? '');
  return await onStarted(await sharedServer());
}

/** A server of its own, for tests that end, block or configure it; about 5 s. */
export async function startPrivateRabbitmq(options: { readonly tls?: TlsFiles } = {}): Promise<PrivateRabbitmq> {
  const folder = mkdtempSync(join(tmpdir(), 'cellar-rabbitmq-'));
  let server = await startServer(await prepareServer(folder, options.tls), process.pid);
  const { place } = server;
  return {
    ...(await onStarted(server)),
    tlsPort: place.tlsPort,
    kill: () => endServer(server),
    async startAgain() {
      server = await startServer(place, process.pid);
    },
    control: (...words) => control(place, words),
    stop: () => removeServer(server),
  };
}

function onStarted({ place }: RunningServer): Promise<TestRabbitmq> {
  return onServer(
    `amqp://guest:guest@127.0.0.1:${place.amqpPort}`,
    `http://guest:guest@127.0.0.1:${place.managementPort}`,
  );
}

async function onServer(amqpUrl: string, managementUrl: string): Promise<TestRabbitmq> {
  const manager = management(managementUrl);
  const vhost = () => makeVhost(manager, amqpUrl);
  const own = await vhost();
  return {
    name: own.name,
    url: own.url,
    managementUrl,
    management: manager,
    amqpPort: Number(new URL(amqpUrl).port),
    vhost,
    stop: own.delete,
  };
}

async function makeVhost(manager: Management, amqpUrl: string): Promise<TestVhost> {
  const name = `t-${randomUUID().slice(0, 13)}`;
  const user = decodeURIComponent(new URL(amqpUrl).username);
  await manager.request('PUT', `vhosts/${name}`, {});
  await manager.request('PUT', `permissions/${name}/${user}`, { configure: '.*', write: '.*', read: '.*' });
  return {
    name,
    url: `${amqpUrl}/${name}`,
    async delete() {
      await manager.request('DELETE', `vhosts/${name}`);
    },
  };
}
