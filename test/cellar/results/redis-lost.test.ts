/** A Redis that is away, silent, protected or not there: no call hangs, and each says what it met without a password. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../../functions/local/deploy/emulator-process.ts';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import { openRedisResults, type RedisStores } from '../../../shared/cellar/results/redis/open-redis-results.ts';
import { result as update } from '../../conformance/deliveries.ts';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';
import { hasRedis, startRedis, type TestRedis } from '../../support/redis.ts';
import { until } from '../../support/running-shop.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const PASSWORD = 'pa55word';
const PATIENCE_MS = 20_000;

(hasRedis() ? describe : describe.skip)('a Redis that may be away', () => {
  let redis: TestRedis;
  let proxy: TcpProxy;
  let stores: RedisStores;
  const url = (password: string, port: number, db = 0) => `redis://:${password}@127.0.0.1:${port}/${db}`;
  const portOf = ({ url: address }: TestRedis) => Number(new URL(address).port);
  const open = (address: string) => openRedisResults({ url: address, runtime, resultExpiresSeconds: 600 });

  beforeAll(async () => {
    redis = await startRedis({ private: true, password: PASSWORD });
    proxy = await startTcpProxy(portOf(redis));
    stores = await open(url(PASSWORD, proxy.port));
  });
  afterAll(async () => {
    await stores?.results.close();
    await proxy?.stop();
    await redis?.stop();
  });

  it('what is stored while the connection is cut is stored when it is back, and who waits is told', async () => {
    const { results } = stores;
    await results.store([update('before', 'STARTED')]);
    const waited = results.wait('before', { timeoutMs: PATIENCE_MS });
    await until(async () => (await redis.client.pubsub('NUMSUB', 'celery-task-meta-before'))[1] === 1, PATIENCE_MS);
    proxy.refuse();
    proxy.cut();
    // Told while nobody could hear it.
    await redis.client.set('celery-task-meta-before', '{"status": "SUCCESS", "result": 1}');
    await redis.client.publish('celery-task-meta-before', '{"status": "SUCCESS", "result": 1}');
    const stored = Array.from({ length: 20 }, (_, index) => results.store([update(`cut-${index}`, 'SUCCESS')]));
    proxy.accept();
    await Promise.all(stored);
    expect(await waited).toMatchObject({ state: 'SUCCESS', result: '1' });
    const ids = stored.map((_, index) => `cut-${index}`);
    expect((await results.get(ids)).every((found) => found?.state === 'SUCCESS')).toBe(true);
  });

  it('a server that was started again knows no scripts any more, and has them again at the first call', async () => {
    await stores.chords.open('c', 1);
    await redis.kill();
    const stored = stores.results.store([update('again', 'SUCCESS')]);
    await redis.startAgain();
    await stored;
    expect(await stores.results.get(['again'])).toMatchObject([{ state: 'SUCCESS' }]);
    const part = { index: 0, taskId: 't', state: 'SUCCESS', result: '1' };
    expect(await stores.chords.ended('c', part)).toEqual({ kind: 'unknown' }); // it kept nothing on disk
    await stores.chords.open('c', 1);
    expect(await stores.chords.ended('c', part)).toEqual({ kind: 'complete', parts: [part] });
  });

  it('a call whose time is over while the server is away fails, and its waits too', async () => {
    const clock = manualClock();
    const manual = { ...manualRuntime(clock), random: Math.random };
    const away = await startTcpProxy(portOf(redis));
    const other = await openRedisResults({ url: url(PASSWORD, away.port), runtime: manual, resultExpiresSeconds: 600 });
    away.stall();
    const calls = [
      other.results.store([update('late', 'SUCCESS')]),
      other.results.get(['late']),
      other.results.wait('late', { timeoutMs: 60_000 }),
      other.results.claim({ id: 'late', retries: 0, generation: 0 }, 'me', 10),
      other.schedules.lastFired(),
      other.chords.ended('late', { index: 0, taskId: 't', state: 'SUCCESS', result: '1' }),
    ];
    const outcomes = Promise.allSettled(calls);
    await clock.advance(10_000);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'store-unavailable', message: expect.stringContaining('no answer within 10000 ms') },
      });
      expect(JSON.stringify(outcome)).not.toContain(PASSWORD);
    }
    const closing = other.results.close();
    await clock.advance(10_000);
    await closing;
    await away.stop();
  });

  it.each([
    ['a wrong password', (port: number) => url('wrong-pa55', port), /WRONGPASS|invalid/],
    ['no password', (port: number) => `redis://127.0.0.1:${port}`, /NOAUTH/],
    ['a database that is not', (port: number) => url(PASSWORD, port, 99), /DB index is out of range/],
  ])('%s is refused at once, as a setting', async (_, address, sentence) => {
    const fault: unknown = await open(address(portOf(redis))).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'bad-settings', message: expect.stringMatching(sentence) });
    expect(String(fault)).not.toMatch(/pa55/);
  });

  it('a server that is not there is said to be so, with its place', async () => {
    const clock = manualClock();
    const port = await freePort();
    const opening = openRedisResults({
      url: url(PASSWORD, port),
      runtime: { ...manualRuntime(clock), random: () => -0.49 },
      resultExpiresSeconds: 600,
    }).catch((error: unknown) => error);
    const fault = await opening;
    expect(fault).toMatchObject({
      code: 'store-unavailable',
      message: expect.stringMatching(new RegExp(`the Redis at 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`)),
    });
    expect(String(fault)).not.toContain(PASSWORD);
  });
});
