/** Chords in Redis whose parts end in this library and in Celery itself, in Python. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import { openRedisResults, type RedisStores } from '../../../shared/cellar/results/redis/open-redis-results.ts';
import { type CeleryScript, hasCelery, startCeleryScript } from '../../support/celery.ts';
import { hasRedis, startRedis, type TestRedis } from '../../support/redis.ts';

const PREFIX = `shop-${randomUUID()}:`;

(hasRedis() && hasCelery() ? describe : describe.skip)('a chord with parts of Celery and of this library', () => {
  let redis: TestRedis;
  let stores: RedisStores;
  let python: CeleryScript;

  beforeAll(async () => {
    redis = await startRedis();
    python = startCeleryScript('results_app.py', redis.url, PREFIX);
    const url = `${redis.url}?global_keyprefix=${PREFIX}`;
    stores = await openRedisResults({ url, runtime, resultExpiresSeconds: 600 });
  });
  afterAll(async () => {
    await stores?.results.close();
    await python?.stop();
    await redis?.stop();
  });

  const body = {
    task: 'results.total',
    args: [],
    kwargs: {},
    options: { task_id: 'body', reply_to: 'r' },
    subtask_type: null,
    immutable: false,
  };
  const ours = (index: number, fields: object = {}) => ({
    index,
    taskId: `part-${index}`,
    state: 'SUCCESS',
    result: String(index * 10),
    ...fields,
  });
  const theirs = (chord_id: string, index: number, fields: object = {}) => ({
    do: 'end_part',
    chord_id,
    index,
    id: `part-${index}`,
    state: 'SUCCESS',
    result: index * 10,
    body,
    ...fields,
  });

  it('Python ends the last part and sends the body, with the results in the order of the header', async () => {
    await stores.chords.open('c1', 3);
    expect(await stores.chords.ended('c1', ours(2))).toEqual({ kind: 'pending' });
    expect(await python.ask(theirs('c1', 1))).toEqual({ sent: [] });
    expect(await stores.chords.ended('c1', ours(2))).toEqual({ kind: 'pending' });
    expect(await python.ask(theirs('c1', 0))).toEqual({ sent: [{ id: 'body', args: [[0, 10, 20]] }] });
    expect(await stores.chords.ended('c1', ours(2))).toEqual({ kind: 'unknown' });
  });

  it('the last part ends here, of a chord whose size Python sets after the first', async () => {
    expect(await stores.chords.ended('c2', ours(1))).toEqual({ kind: 'unknown' });
    await python.ask({ do: 'open_chord', id: 'c2', size: 3 });
    expect(await python.ask(theirs('c2', 2, { state: 'FAILURE', result: 'k' }))).toEqual({ sent: [] });
    const progress = await stores.chords.ended('c2', ours(0, { result: '9007199254740993' }));
    expect(progress).toEqual({
      kind: 'complete',
      parts: [
        { index: 0, taskId: 'part-0', state: 'SUCCESS', result: '9007199254740993' },
        { index: 1, taskId: 'part-1', state: 'SUCCESS', result: '10' },
        {
          index: 2,
          taskId: 'part-2',
          state: 'FAILURE',
          result: '{"exc_type": "KeyError", "exc_message": ["k"], "exc_module": "builtins"}',
        },
      ],
    });
    await stores.chords.forget('c2');
    expect(await redis.client.keys(`${PREFIX}celery-taskset-meta-c2*`)).toEqual([]);
  });

  it('a part that came twice with another result counts once; a success stays', async () => {
    await stores.chords.open('c3', 2);
    await stores.chords.ended('c3', ours(0, { state: 'FAILURE', result: '{"exc_type":"A"}' }));
    await stores.chords.ended('c3', ours(0, { result: '"first"' }));
    await stores.chords.ended('c3', ours(0, { state: 'FAILURE', result: '{"exc_type":"B"}' }));
    expect(await python.ask(theirs('c3', 1))).toEqual({ sent: [{ id: 'body', args: [['first', 10]] }] });
  });
});
