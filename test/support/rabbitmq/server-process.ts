/** One `rabbitmq-server` as a process of this machine: free ports of 127.0.0.1, a folder and a name service of its own. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../../functions/local/deploy/emulator-process.ts';

/** Where a server is: plain data, so that another process can use it. */
export interface ServerPlace {
  readonly folder: string;
  readonly amqpPort: number;
  readonly managementPort: number;
  readonly distributionPort: number;
  /** Of Erlang's name service. */
  readonly epmdPort: number;
  /** 0 without TLS. */
  readonly tlsPort: number;
}

/** PEM files of a listener with TLS. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface RunningServer {
  readonly place: ServerPlace;
  /** Of its process group. */
  readonly pid: number;
}

const START_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 50;
const NAME_SERVICE_WITHIN_MS = 5_000;
/** Debian's command on PATH insists on a user of its own; what stands behind it does not. */
const DEBIAN_BIN = '/usr/lib/rabbitmq/bin';
const run = promisify(execFile);

/** Runs the server until its owner is gone; then ends it as a stop would, with its name service, and removes its folder. */
const GUARDED = `
"$1" & server=$!
while kill -0 "$2" && kill -0 $server; do sleep 1; done 2>/dev/null
kill -0 "$2" && exit
trap '' TERM; kill -TERM 0; wait
for try in $(seq 100); do epmd -port "$3" -names || break; epmd -port "$3" -kill; sleep 0.1; done
rm -rf "$4"`;

/** Chooses the ports of a server and writes its configuration into a folder of its own. */
export async function prepareServer(folder: string, tls?: TlsFiles): Promise<ServerPlace> {
  mkdirSync(folder, { recursive: true });
  const place = {
    folder,
    amqpPort: await freePort(),
    managementPort: await freePort(),
    distributionPort: await freePort(),
    epmdPort: await freePort(),
    tlsPort: tls === undefined ? 0 : await freePort(),
  };
  writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_management].');
  writeFileSync(join(folder, 'rabbitmq.conf'), [...configuration(place), ...tlsConfiguration(place, tls)].join('\n'));
  return place;
}

/**
 * Starts a server, for the first time or again on what it had stored; ready when it takes connections. It ends at the
 * latest with the process `owner`.
 * @throws Error with what it printed, where it does not start
 */
export async function startServer(place: ServerPlace, owner: number): Promise<RunningServer> {
  const output = join(place.folder, 'output');
  const words = [commandOf('rabbitmq-server'), String(owner), String(place.epmdPort), place.folder];
  const child = spawn('sh', ['-c', `exec >>"$4/output" 2>&1; ${GUARDED}`, 'sh', ...words], {
    env: environmentOf(place),
    detached: true, // a process group of its own: what it starts ends with it
    stdio: 'ignore',
  });
  child.unref();
  const server = { place, pid: child.pid ?? 0 };
  const deadline = performance.now() + START_WITHIN_MS;
  while (child.exitCode === null && performance.now() < deadline) {
    if (await answers(place)) return server;
    await sleep(LOOK_EVERY_MS);
  }
  const text = existsSync(output) ? readFileSync(output, 'utf8') : '';
  await endServer(server);
  throw new Error(`rabbitmq-server did not start: ${text.slice(-3_000)}`);
}

/** Ends it as the kernel would; what it stored stays. */
export async function endServer({ pid }: RunningServer): Promise<void> {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    return; // it had ended
  }
  while (isAlive(pid)) await sleep(LOOK_EVERY_MS);
}

/** Ends it and removes all of it. */
export async function removeServer(server: RunningServer): Promise<void> {
  await endServer(server);
  await endNameService(server.place);
  rmSync(server.place.folder, { recursive: true, force: true, maxRetries: 3 });
}

/** It refuses to end until it has noticed that its server is gone. */
async function endNameService({ epmdPort }: ServerPlace): Promise<void> {
  const tell = async (command: '-names' | '-kill'): Promise<boolean> => {
    try {
      await run('epmd', ['-port', String(epmdPort), command]);
      return true;
    } catch {
      return false; // it has ended, or does not yet
    }
  };
  const deadline = performance.now() + NAME_SERVICE_WITHIN_MS;
  while ((await tell('-names')) && performance.now() < deadline) {
    if (!(await tell('-kill'))) await sleep(LOOK_EVERY_MS);
  }
}

/** Runs `rabbitmqctl` on it; about 1 s. */
export async function control(place: ServerPlace, words: readonly string[]): Promise<string> {
  return (await run(commandOf('rabbitmqctl'), [...words], { env: environmentOf(place) })).stdout;
}

function commandOf(name: string): string {
  const debian = join(DEBIAN_BIN, name);
  return existsSync(debian) ? debian : name;
}

function configuration({ amqpPort, managementPort }: ServerPlace): readonly string[] {
  return [
    `listeners.tcp.1 = 127.0.0.1:${amqpPort}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${managementPort}`,
    'collect_statistics_interval = 1000',
    'disk_free_limit.absolute = 50MB',
    '',
  ];
}

function tlsConfiguration({ tlsPort }: ServerPlace, tls: TlsFiles | undefined): readonly string[] {
  if (tls === undefined) return [];
  return [
    `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
    `ssl_options.cacertfile = ${tls.certificate}`,
    `ssl_options.certfile = ${tls.certificate}`,
    `ssl_options.keyfile = ${tls.key}`,
    'ssl_options.verify = verify_none',
    '',
  ];
}

function environmentOf({ folder, amqpPort, distributionPort, epmdPort }: ServerPlace): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: folder, // its cookie
    RABBITMQ_NODENAME: `cellar-${amqpPort}@localhost`,
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
}

/** The management interface is there a moment before connections are taken: both must answer. */
async function answers({ managementPort, amqpPort }: ServerPlace): Promise<boolean> {
  try {
    const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` };
    const answer = await fetch(`http://127.0.0.1:${managementPort}/api/health/checks/port-listener/${amqpPort}`, {
      headers,
    });
    return answer.ok;
  } catch {
    return false; // not yet
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
