import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeException, TaskException } from '../../../shared/cellar/exception.ts';
import type { ResultStore, ResultUpdate } from '../../../shared/cellar/result-store.ts';
import { openRpcResults } from '../../../shared/cellar/results/rpc/open-rpc-results.ts';
import type { Replies, Reply } from '../../../shared/cellar/results/rpc/replies.ts';
import { taskResult } from '../../../shared/cellar/task-result.ts';
import { result as update } from '../../conformance/deliveries.ts';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';

interface Captured {
  readonly routing_key: string;
  readonly properties: { readonly content_type: string; readonly correlation_id: string };
  readonly body: Readonly<Record<string, unknown>>;
}

const golden: Readonly<Record<'success' | 'failure' | 'retry' | 'custom', readonly Captured[]>> = JSON.parse(
  readFileSync(new URL('../../golden/rpc-backend-and-topology.json', import.meta.url), 'utf8'),
);

const clock = manualClock();
let sent: { readonly queue: string; readonly reply: Reply }[] = [];
let hear: (reply: Reply) => void = () => undefined;
let isOpen = true;
let results: ResultStore;

const replies: Replies = {
  name: 'replies-of-mine',
  async send(queue, reply) {
    sent.push({ queue, reply });
  },
  listen(heard) {
    hear = heard;
  },
  async close() {
    isOpen = false;
  },
};

beforeEach(() => {
  sent = [];
  isOpen = true;
  results = openRpcResults({ replies, runtime: manualRuntime(clock), resultExpiresSeconds: 600 });
});
afterEach(() => results.close());

/** What Celery sends of a state, heard here. */
function hearCaptured({ properties, body }: Captured): void {
  const { correlation_id: correlationId, content_type: contentType } = properties;
  hear({ correlationId, contentType, body: JSON.stringify(body) });
}

describe('a worker whose results travel as messages', () => {
  it.each(['success', 'failure', 'retry', 'custom'] as const)('sends what Celery sends: %s', async (name) => {
    for (const { routing_key: replyTo, properties, body } of golden[name]) {
      const { task_id: id, status, result, traceback, children } = body;
      const given: ResultUpdate = update(String(id), String(status), {
        result: JSON.stringify(result),
        ...(typeof traceback === 'string' ? { traceback } : {}),
        children: (children as [[string, null], null][]).map(([[child]]) => child),
        replyTo,
      });
      await results.store([given]);
      const last = sent.at(-1);
      expect(last?.queue).toBe(replyTo);
      expect(last?.reply).toMatchObject({
        correlationId: properties.correlation_id,
        contentType: properties.content_type,
      });
      expect(JSON.parse(last?.reply.body ?? '')).toEqual(body);
      expect(Object.keys(JSON.parse(last?.reply.body ?? ''))).toEqual(Object.keys(body));
    }
    expect(sent).toHaveLength(golden[name].length);
  });

  it('sends nothing where the caller named no queue', async () => {
    await results.store([update('a', 'SUCCESS')]);
    expect(sent).toEqual([]);
    expect(await results.get(['a'])).toEqual([undefined]);
  });

  it('says why no task marked once can run with it', async () => {
    expect(results.refusesClaims).toMatch(/rpc:.*allowed: redis:/);
    await expect(results.claim({ id: 'a', retries: 0, generation: 0 }, 'me', 10)).rejects.toMatchObject({
      code: 'not-supported',
    });
  });
});

describe('a caller whose results travel as messages', () => {
  it('hears each state that Celery sends, and of the last what it was', async () => {
    const [first, second, last] = golden.retry;
    if (first === undefined || second === undefined || last === undefined) throw new Error('three captures expected');
    const id = first.properties.correlation_id;
    expect(await results.get([id])).toEqual([undefined]);
    hearCaptured(first);
    expect(await results.get([id])).toMatchObject([{ id, state: 'RETRY', children: [id] }]);
    const waited = taskResult(results, id).get();
    hearCaptured(second);
    hearCaptured(last);
    await expect(waited).rejects.toMatchObject({
      code: 'task-failed',
      message: 'KeyError: nope',
      cause: { module: 'builtins', arguments: ['nope'] },
    });
  });

  it('a state that is told late does not hide the end', async () => {
    const [progress, success] = golden.custom;
    if (progress === undefined || success === undefined) throw new Error('two captures expected');
    hearCaptured(success);
    hearCaptured(progress);
    expect(await taskResult(results, progress.properties.correlation_id).get()).toEqual({ a: [1, null, true] });
  });

  it('a wait ends with nothing after its time, when its signal aborts, and when the store is closed', async () => {
    const late = results.wait('a', { timeoutMs: 50 });
    await clock.advance(60);
    expect(await late).toBeUndefined();
    const stop = new AbortController();
    const stopped = results.wait('a', { timeoutMs: 1000, signal: stop.signal });
    stop.abort();
    expect(await stopped).toBeUndefined();
    const closed = results.wait('a', { timeoutMs: 1000 });
    await results.close();
    expect(await closed).toBeUndefined();
    expect(isOpen).toBe(false);
    await expect(results.get(['a'])).rejects.toMatchObject({ code: 'closed' });
  });

  it('a reply that cannot be read is a failure of its task, not a wait without end', async () => {
    hear({ correlationId: 'a', contentType: 'application/x-python-serialize', body: '\u0080\u0004K\u0005.' });
    hear({ correlationId: 'b', contentType: 'application/json', body: '{"status"' });
    for (const id of ['a', 'b']) {
      await expect(taskResult(results, id).get()).rejects.toMatchObject({
        code: 'task-failed',
        message: expect.stringContaining(`DecodeError: the result of task ${id} came and cannot be read`),
      });
    }
  });

  it('remembers the newest 8192 results, each as long as results are kept', async () => {
    const say = (id: string) =>
      hear({ correlationId: id, contentType: 'application/json', body: `{"status":"SUCCESS","result":"${id}"}` });
    for (let index = 0; index <= 8192; index++) say(`t${index}`);
    expect((await results.get(['t0', 't1', 't8192'])).map((found) => found?.id)).toEqual([undefined, 't1', 't8192']);
    expect((await results.list({ limit: 2 })).map(({ id }) => id)).toEqual(['t8192', 't8191']);
    expect(await results.list({ limit: 2, state: 'FAILURE' })).toEqual([]);
    await results.forget(['t8192']);
    expect(await results.get(['t8192'])).toEqual([undefined]);
    await clock.advance(600_000);
    say('young');
    expect(await results.list({ limit: 5 })).toMatchObject([{ id: 'young' }]);
    expect(await results.cleanup()).toBe(0);
  });

  it('remembers what was revoked in this process, as long as results are kept', async () => {
    await results.revoke(['a', 'b']);
    expect([...(await results.revoked(['a', 'c']))]).toEqual(['a']);
    await clock.advance(600_000);
    expect([...(await results.revoked(['a']))]).toEqual([]);
  });

  it('an exception that this library sends is read here as it is', async () => {
    const result = encodeException(new TaskException('Outer.Inner', [{ a: 1 }], 'shop.errors'));
    await results.store([update('a', 'FAILURE', { result, replyTo: results.replyTo ?? '' })]);
    const [{ reply } = { reply: undefined }] = sent;
    if (reply === undefined) throw new Error('a reply was expected');
    hear(reply);
    await expect(taskResult(results, 'a').get()).rejects.toMatchObject({
      cause: { name: 'Outer.Inner', module: 'shop.errors', arguments: [{ a: 1 }] },
    });
  });
});
