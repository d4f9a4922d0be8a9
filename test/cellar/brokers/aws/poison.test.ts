/**
 * Messages that kill their process, on an emulator with worker processes that a supervisor starts again, as in a
 * container. LocalStack is left out: it has no DynamoDB here, which counts the starts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings } from 'cellar';
import {
  EMULATED_ACCOUNT,
  EMULATED_REGION,
  type Emulator,
  hasEmulator,
  startEmulator,
} from '../../../support/aws/emulator.ts';
import { eat } from '../../../support/aws/poison/tasks.ts';
import { kitchenTopology, MAX_DELIVERIES } from '../../../support/aws/poison/topology.ts';
import { until } from '../../../support/running-shop.ts';

const MAIN = fileURLToPath(new URL('../../../../shared/cellar/cli/main.ts', import.meta.url));
const APP = fileURLToPath(new URL('../../../support/aws/poison', import.meta.url));
const AMPLE_MS = 90_000;

/** Starts a worker process, and another one whenever it ends. */
class Supervisor {
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #isStopped = false;
  /** How the processes ended so far: their exit codes or signals. */
  readonly ends: string[] = [];
  #output = '';

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = { PATH: process.env.PATH, ...environment };
    this.#start();
  }

  #start(): void {
    const argv = [MAIN, 'worker', '--app', join(APP, 'app.ts')];
    const child = spawn(process.execPath, argv, { cwd: APP, env: this.#environment });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.#output += chunk));
    child.once('exit', (code, signal) => {
      this.ends.push(String(signal ?? code));
      if (!this.#isStopped) this.#start();
    });
  }

  /** Waits until `look` answers something. */
  async seen<T>(look: () => T | Promise<T>) {
    return await until(look, AMPLE_MS).catch((error: unknown) => {
      throw new Error(`the workers ended with ${this.ends}: ${this.#output}`, { cause: error });
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
}

const describeHere = hasEmulator('ministack') ? describe : describe.skip;

describeHere('a message that kills its process', () => {
  let emulator: Emulator;
  let folder: string;
  let supervisor: Supervisor | undefined;
  let cellar: Cellar | undefined;

  beforeAll(async () => {
    emulator = await startEmulator('ministack');
    folder = await mkdtemp(join(tmpdir(), 'cellar-poison-'));
  });
  afterEach(async () => {
    await supervisor?.stop();
    await cellar?.close();
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await emulator?.stop();
  });

  async function open(poison: string) {
    const environment = {
      CELLAR_BROKER_URL: `sqs://${EMULATED_REGION}/${EMULATED_ACCOUNT}/${poison}?create=true`,
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      STARTS_FILE: join(folder, poison),
    };
    const client = await Cellar.open({ settings: loadSettings(environment), topology: kitchenTopology });
    cellar = client;
    const send = (name: string, messageGroup: string) =>
      client.send(eat({ name }), { taskId: `${poison}-${name}`, messageGroup });
    const dead = () => client.backend.admin.peek('kitchen', { place: 'dead', limit: 10 });
    const done = async (names: readonly string[]) => {
      const stored = await client.backend.results.get(names.map((name) => `${poison}-${name}`));
      return stored.filter((result) => result?.state === 'SUCCESS').length === names.length;
    };
    const starts = async () => (await readFile(environment.STARTS_FILE, 'utf8')).trim().split('\n');
    return { environment, client, send, dead, done, starts };
  }

  it(
    'dies with its reason, holds up no other group and takes no neighbour with it',
    async () => {
      const poison = 'killed';
      const { environment, client, send, dead, done, starts } = await open(poison);
      const near = ['a1', 'a2', 'b1', 'b2', 'c1', 'd1', 'e1', 'f1'];
      await send('a1', 'A');
      await send(poison, 'P');
      await send('behind', 'P');
      for (const name of near.slice(1)) await send(name, name.slice(0, 1).toUpperCase());
      const watched = new Supervisor(environment);
      supervisor = watched;

      await watched.seen(() => watched.ends.length > 0);
      await send('late', 'L');
      await watched.seen(() => done([...near, 'late']));
      const [letter] = await watched.seen(async () => (await dead()).length > 0 && dead());
      await watched.seen(() => done(['behind']));

      const reason = `delivered ${MAX_DELIVERIES} times without an outcome, allowed: ${MAX_DELIVERIES}`;
      expect(letter).toMatchObject({ messageGroup: 'P', reason: `failed: WorkerLostError: ${reason}` });
      expect(letter?.message.correlationId).toBe(`${poison}-${poison}`);
      expect(await dead()).toHaveLength(1);
      expect(await client.result(`${poison}-${poison}`).state()).toBe('FAILURE');
      // The first start is not counted: nothing told it from an innocent delivery.
      const order = await starts();
      expect(order.filter((name) => name === poison)).toHaveLength(1 + MAX_DELIVERIES);
      expect(watched.ends).toEqual(Array.from({ length: 1 + MAX_DELIVERIES }, () => 'SIGKILL'));
      // After its first start, which had company, it ran alone: who was near started once more at most.
      for (const name of near) expect(order.filter((other) => other === name).length).toBeLessThanOrEqual(2);
      // Neither the late one nor any other group waited until it was dead; its own did.
      const last = order.lastIndexOf(poison);
      for (const name of [...near, 'late']) expect(order.lastIndexOf(name)).toBeLessThan(last);
      expect(order.indexOf('behind')).toBeGreaterThan(last);
    },
    2 * AMPLE_MS,
  );
});
