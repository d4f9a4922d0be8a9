import { describe, expect, it } from '@jest/globals';
import type { PeekedMessage } from '../../../shared/cellar/broker.ts';
import { brokerName } from '../../../shared/cellar/inspect/broker-name.ts';
import { taskView } from '../../../shared/cellar/inspect/task-view.ts';
import type { StoredResult } from '../../../shared/cellar/result-store.ts';

function peeked(place: PeekedMessage['place'], headers: Readonly<Record<string, unknown>> = {}): PeekedMessage {
  return {
    queue: 'mail',
    place,
    message: {
      headers: { id: 'a', task: 'shop.mail', root_id: 'r', ...headers },
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      body: '[[9007199254740993], {"fast": true}, null]',
      correlationId: 'a',
    },
    deliveryCount: 0,
    enqueuedAtMs: 1_000,
  };
}

function stored(state: string, more: Partial<StoredResult> = {}): StoredResult {
  return {
    id: 'a',
    state,
    result: 'null',
    attempt: { retries: 0, generation: 0 },
    task: 'shop.mail',
    args: '[1]',
    kwargs: '{}',
    queue: 'mail',
    worker: 'w',
    updatedAtMs: 5_000,
    ...more,
  };
}

describe('taskView', () => {
  it('of nothing is nothing', () => {
    expect(taskView({})).toBeUndefined();
  });

  it.each([
    ['ready', 'PENDING'],
    ['delayed', 'PENDING'],
    ['inFlight', 'RECEIVED'],
    ['dead', 'FAILURE'],
  ] as const)('calls a message that is %s and has nothing stored %s', (place, state) => {
    expect(taskView({ peeked: peeked(place) })).toMatchObject({ state, place, task: 'shop.mail', rootId: 'r' });
  });

  it('keeps integers beyond 2^53', () => {
    expect(taskView({ peeked: peeked('ready') })).toMatchObject({
      args: '[9007199254740993]',
      kwargs: '{"fast":true}',
    });
  });

  it('takes the time from started to done as runtime', () => {
    expect(taskView({ stored: stored('SUCCESS', { startedAtMs: 100, doneAtMs: 350 }) })).toMatchObject({
      runtimeMs: 250,
    });
  });

  it('keeps a stored RETRY, with when its message is due', () => {
    const waiting = { ...peeked('delayed', { retries: 1 }), dueAtMs: 9_000 };
    expect(taskView({ stored: stored('RETRY'), peeked: waiting })).toMatchObject({ state: 'RETRY', dueAtMs: 9_000 });
  });

  it('calls a redriven task PENDING although its failure is stored', () => {
    const again = peeked('ready', { 'x-cellar-generation': 1 });
    expect(taskView({ stored: stored('FAILURE'), peeked: again })).toMatchObject({ state: 'PENDING', generation: 1 });
  });

  it('calls a dead message FAILURE although its last stored state is STARTED', () => {
    const dead = { ...peeked('dead'), reason: 'receive-limit' };
    expect(taskView({ stored: stored('STARTED'), peeked: dead })).toMatchObject({
      state: 'FAILURE',
      reason: 'receive-limit',
    });
  });

  it('marks a waiting task that was revoked, not a finished one', () => {
    expect(taskView({ peeked: peeked('ready'), revoked: true })).toMatchObject({ revoked: true });
    expect(taskView({ stored: stored('REVOKED'), revoked: true })).not.toHaveProperty('revoked');
  });

  it('shows what can be read of a message whose body is no JSON', () => {
    const broken = peeked('dead');
    const view = taskView({ peeked: { ...broken, message: { ...broken.message, body: 'gibberish' } } });
    expect(view).toMatchObject({ task: 'shop.mail', args: '', kwargs: '' });
  });
});

describe('brokerName', () => {
  it.each([
    ['embedded:', 'embedded:'],
    ['embedded:/data/a@b?.db', 'embedded:/data/a@b?.db'],
    ['amqp://me:p@ss/word@host:5672/shop?token=1', 'amqp://host:5672/shop'],
    ['amqps://host//', 'amqps://host//'],
  ])('shows %s as %s', (url, shown) => {
    expect(brokerName(url)).toBe(shown);
  });
});
