/** What `kill -9` of workers on RabbitMQ at any moment leaves, with claims of `once` in Redis: nothing lost, one effect. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, type StoredResult } from 'cellar';
import { derivedId } from '../../shared/cellar/ids.ts';
import { hasRabbitmq, startRabbitmq, type TestRabbitmq } from '../support/rabbitmq.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/running-shop.ts';
import { bundleProgram, killMany } from './kill-many.ts';
import { notingHandlers } from './process/handlers.ts';
import { killTopology, parent } from './process/rabbitmq-topology.ts';

const KILLS = 200;
/** Processes on the queues at the same time. */
const PROCESSES = 3;
const SEED = 20_261_124;
/** Parents sent at once, when those before are taken. */
const BATCH = 20;
const hasServers = hasRabbitmq() && hasRedis();

(hasServers ? describe : describe.skip)('kill -9 of workers on RabbitMQ at random moments under load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cellar-kill-'));
  const log = join(folder, 'log.txt');
  let rabbitmq: TestRabbitmq;
  let redis: TestRedis;
  let cellar: Cellar;
  let lines: readonly (readonly string[])[] = [];
  let parents: readonly string[] = [];
  /** How long the killing took, and what was left to do. */
  let seconds: readonly number[] = [];
  let children: readonly string[] = [];

  const linesOf = (what: string) => lines.filter(([word]) => word === what);

  beforeAll(async () => {
    [rabbitmq, redis] = await Promise.all([startRabbitmq(), startRedis()]);
    const settings = loadSettings({
      CELLAR_BROKER_URL: rabbitmq.url,
      CELLAR_RESULT_BACKEND: redis.url,
      CELLAR_LOG_LEVEL: 'error',
    });
    const producer = await Cellar.open({ settings, topology: killTopology });
    const script = bundleProgram('rabbitmq', folder);
    const killing = killMany({
      script,
      arguments: [rabbitmq.url, redis.url, log],
      kills: KILLS,
      side: PROCESSES,
      seed: SEED,
      longestMs: 200,
    });
    const beganMs = performance.now();
    parents = await produceUntil(producer, killing);
    const killedMs = performance.now();
    await producer.close();
    cellar = await Cellar.open({ settings, topology: killTopology, handlers: notingHandlers(log) });
    children = parents.flatMap((id) => [0, 1].map((index) => derivedId(id, `child:${index}`)));
    await until(async () => (await statesOf([...parents, ...children])).every((state) => state === 'SUCCESS'), 150_000);
    const doneMs = performance.now();
    seconds = [killedMs - beganMs, doneMs - killedMs].map((ms) => Math.round(ms / 1000));
    lines = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '));
  }, 400_000);

  /** Sends as long as the killing lasts, so much that there is always work; answers the ids that were acknowledged. */
  async function produceUntil(producer: Cellar, killing: Promise<void>): Promise<readonly string[]> {
    const ids: string[] = [];
    let isOver = false;
    const over = killing.finally(() => {
      isOver = true;
    });
    for (let number = 0; !isOver; number += BATCH) {
      const sent = await producer.sendAll(
        Array.from({ length: BATCH }, (_, offset) => parent({ number: number + offset })),
      );
      ids.push(...sent.map(({ id }) => id));
      await until(
        async () => isOver || ((await producer.admin.counts(['parents']))[0]?.ready ?? 0) < BATCH / 2,
        120_000,
      );
    }
    await over;
    return ids;
  }

  async function statesOf(ids: readonly string[]): Promise<readonly (string | undefined)[]> {
    const results: readonly (StoredResult | undefined)[] = await cellar.results.get(ids);
    return results.map((result) => result?.state);
  }

  afterAll(async () => {
    await cellar?.close();
    await rabbitmq?.stop();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('killed processes that worked', () => {
    const ended = linesOf('end').map(([, id]) => id);
    console.log(
      `${KILLS} kills in ${seconds[0]} s, the rest in ${seconds[1]} s, ${parents.length} parents acknowledged, ${linesOf('ran').length} runs of parents, ` +
        `${linesOf('begin').length} begun and ${ended.length} ended runs of ${new Set(ended).size} children`,
    );
    expect(parents.length).toBeGreaterThan(KILLS / 2);
    // Some died in a run; otherwise the moments were not the interesting ones.
    expect(linesOf('begin').length).toBeGreaterThan(ended.length);
  });

  it('lost nothing that a producer was told is there, and sent no child under a second id', async () => {
    expect((await statesOf([...parents, ...children])).filter((state) => state !== 'SUCCESS')).toEqual([]);
    const ran = new Set(linesOf('ran').map(([, id]) => id));
    const derived = [...ran].flatMap((id = '') => [0, 1].map((index) => derivedId(id, `child:${index}`)));
    const strangers = linesOf('begin').filter(([, id = '']) => !derived.includes(id));
    expect(strangers).toEqual([]);
  });

  it('ran each child that is to run once in one process at a time, and seldom again after it had ended', () => {
    const runs = Map.groupBy(
      lines.filter(([what]) => what === 'begin' || what === 'end'),
      ([, id]) => id,
    );
    const overlapping = [...runs.values()].filter((notes) => {
      // A later run begins only when the one before has died: nothing of that one comes after it.
      const begun = notes.flatMap(([what, , pid], index) => (what === 'begin' ? [{ pid, index }] : []));
      return begun.some(({ index }, nth) => {
        const before = begun[nth - 1];
        return before !== undefined && notes.slice(index).some(([what, , pid]) => what === 'end' && pid === before.pid);
      });
    });
    expect(overlapping).toEqual([]);
    // One that had ended and runs again died before its result was stored: as rare as a kill in that moment.
    const repeated = [...runs.values()].filter((notes) => notes.filter(([what]) => what === 'end').length > 1);
    expect(repeated.length).toBeLessThan(KILLS / 4);
  });

  it('left no message dead or waiting', async () => {
    await until(async () => {
      const counts = await cellar.admin.counts();
      return counts.every(({ ready, inFlight = 0 }) => ready + inFlight === 0);
    }, 60_000);
    expect((await cellar.admin.counts()).map(({ dead }) => dead)).toEqual([0, 0]);
  });
});
