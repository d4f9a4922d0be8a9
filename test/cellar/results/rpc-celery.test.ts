/** Results as messages on a real RabbitMQ, both ways between this library and Celery's `rpc://`. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RabbitmqConnection } from '../../../shared/cellar/brokers/rabbitmq/connection.ts';
import { parseRabbitmqUrl } from '../../../shared/cellar/brokers/rabbitmq/rabbitmq-url.ts';
import { openReplies } from '../../../shared/cellar/brokers/rabbitmq/rpc-channel.ts';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import { encodeException, TaskException } from '../../../shared/cellar/exception.ts';
import { lineLogger } from '../../../shared/cellar/log.ts';
import type { ResultStore } from '../../../shared/cellar/result-store.ts';
import { openRpcResults } from '../../../shared/cellar/results/rpc/open-rpc-results.ts';
import { taskResult } from '../../../shared/cellar/task-result.ts';
import { result as update } from '../../conformance/deliveries.ts';
import { type CeleryScript, hasCelery, startCeleryScript } from '../../support/celery.ts';
import { hasRabbitmq, startRabbitmq, type TestRabbitmq } from '../../support/rabbitmq.ts';
import { until } from '../../support/running-shop.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const PATIENCE_MS = 20_000;

(hasRabbitmq() && hasCelery() ? describe : describe.skip)('results as messages, with Celery', () => {
  let rabbit: TestRabbitmq;
  let proxy: TcpProxy;
  let connection: RabbitmqConnection;
  let results: ResultStore;
  let python: CeleryScript;
  let pythonsQueue = '';

  beforeAll(async () => {
    rabbit = await startRabbitmq();
    proxy = await startTcpProxy(rabbit.amqpPort);
    const address = parseRabbitmqUrl(`amqp://guest:guest@127.0.0.1:${proxy.port}/${rabbit.name}`);
    const log = lineLogger({ level: 'error', clock: runtime.clock, write: () => undefined });
    connection = new RabbitmqConnection({ address, runtime, log, name: 'tests' });
    const replies = await openReplies({ publishing: connection, consuming: connection, runtime });
    results = openRpcResults({ replies, runtime, resultExpiresSeconds: 600 });
    python = startCeleryScript('results_app.py', 'rpc://', '', rabbit.url);
    ({ reply_to: pythonsQueue } = await python.ask<{ reply_to: string }>({ do: 'send', id: 'a' }));
  }, 120_000);
  afterAll(async () => {
    await python?.stop();
    await results?.close();
    await connection?.close();
    await proxy?.stop();
    await rabbit?.stop();
  });

  it('Python hears the value of a task that ran here, and each state before it', async () => {
    const replyTo = pythonsQueue;
    await results.store([update('a', 'PROGRESS', { result: '{"done":1}', replyTo })]);
    await results.store([update('a', 'SUCCESS', { result: '{"sum":7}', children: ['c1'], replyTo })]);
    expect(await python.ask({ do: 'get', id: 'a' })).toMatchObject({
      value: { sum: 7 },
      state: 'SUCCESS',
      children: ['c1'],
    });
  });

  it('Python raises what a task here ended with', async () => {
    await python.ask({ do: 'send', id: 'b' });
    const result = encodeException(new TaskException('KeyError', ['k', 2], 'builtins'));
    await results.store([update('b', 'FAILURE', { result, traceback: 'at …', replyTo: pythonsQueue })]);
    expect(await python.ask({ do: 'get', id: 'b' })).toMatchObject({
      state: 'FAILURE',
      raised: { type: 'KeyError', args: ['k', 2] },
      traceback: 'at …',
    });
  });

  it('a caller here hears what a task in Python ended with', async () => {
    const request = { reply_to: results.replyTo, correlation_id: 'c' };
    const waited = taskResult(results, 'c').get({ timeoutMs: PATIENCE_MS });
    await python.ask({ do: 'store', id: 'c', state: 'STARTED', result: { pid: 1 }, ...request });
    await python.ask({ do: 'store', id: 'c', state: 'SUCCESS', result: [1, { a: null }], children: ['d'], ...request });
    expect(await waited).toEqual([1, { a: null }]);
    expect(await results.get(['c'])).toMatchObject([{ state: 'SUCCESS', children: ['d'] }]);
    const raised = { code: 'task-failed', cause: { arguments: ['boom', 42] } };
    // Listened to before it can fail.
    const failed = expect(taskResult(results, 'd').get({ timeoutMs: PATIENCE_MS })).rejects.toMatchObject(raised);
    const told = { ...request, correlation_id: 'd' };
    await python.ask({ do: 'store', id: 'd', state: 'FAILURE', error: ['ValueError', 'boom', 42], ...told });
    await failed;
  });

  it('a caller that is gone is no fault', async () => {
    await results.store([update('gone', 'SUCCESS', { replyTo: 'a-queue-that-is-not' })]);
    expect(await results.get(['gone'])).toEqual([undefined]);
  });

  it('what is sent while the connection is away comes when it is back', async () => {
    const replyTo = results.replyTo ?? '';
    const waited = results.wait('e', { timeoutMs: PATIENCE_MS });
    proxy.refuse();
    proxy.cut();
    const stored = results.store([update('e', 'SUCCESS', { replyTo })]);
    await until(() => !connection.isConnected, PATIENCE_MS);
    // Another process sends to the queue while its owner is away: it is still there.
    await python.ask({ do: 'store', id: 'f', state: 'SUCCESS', result: 6, reply_to: replyTo, correlation_id: 'f' });
    proxy.accept();
    await stored;
    expect(await waited).toMatchObject({ state: 'SUCCESS' });
    expect(await results.wait('f', { timeoutMs: PATIENCE_MS })).toMatchObject({ result: '6' });
  });

  it('its queue is deleted when it is closed', async () => {
    const other = await openReplies({ publishing: connection, consuming: connection, runtime });
    const isThere = () =>
      connection
        .use((channel) => channel.checkQueue(other.name), PATIENCE_MS)
        .then(
          () => true,
          () => false,
        );
    expect(await isThere()).toBe(true);
    await other.close();
    expect(await isThere()).toBe(false);
  });
});
