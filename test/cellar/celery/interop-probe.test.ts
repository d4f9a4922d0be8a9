/**
 * The hand-made messages that a real Celery 5.6.3 worker was given (test/golden/interop-probe.json), and what becomes of
 * them here: what it does we do, and what ends it (a poison message) or is dropped by it without a word is dead-lettered
 * with its reason.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import * as z from 'zod/mini';
import type { WireMessage } from '../../../shared/cellar/broker.ts';
import { openRig } from '../worker/rig.ts';

const probe: { readonly cases: readonly { readonly case: string; readonly result: string }[] } = JSON.parse(
  readFileSync(new URL('../../golden/interop-probe.json', import.meta.url), 'utf8'),
);

const work = worker({ queue: 'work' });
const add = task('proj.tasks.add', { params: { x: z.number(), y: z.number() }, returns: z.number(), queue: 'work' });
const fail = task('proj.tasks.fail', { params: { x: z.number(), y: z.number() }, queue: 'work' });

interface Ours {
  readonly message: Partial<WireMessage>;
  /** What is stored, decoded. */
  readonly state: string;
  readonly result: unknown;
  /** Why it was dead-lettered, if so. */
  readonly reason?: RegExp;
}

const headers = { task: 'proj.tasks.add', id: 'an-id' };
const body = '[[2, 2], {}, {}]';
const four = { state: 'SUCCESS', result: 4 };
const failure = (type: string, reason: RegExp) => ({
  state: 'FAILURE',
  result: expect.objectContaining({ exc_type: type }),
  reason,
});
const past = { eta: '2020-01-01T00:00:00.123Z' };

/** By the words of the probe. */
const ours: Readonly<Record<string, Ours>> = {
  'headers {task,id}; body [[2,2],{},{}]': { message: { headers, body }, ...four },
  'headers {task,id}; body [[2,2],{},null]': { message: { headers, body: '[[2,2],{},null]' }, ...four },
  'failing task with embed null / {} / full': {
    message: { headers: { ...headers, task: 'proj.tasks.fail' }, body: '[[2,2],{},null]' },
    ...failure('RangeError', /^failed: RangeError/),
  },
  'lang=js, no correlation_id, no timelimit/retries/root_id': {
    message: { headers: { ...headers, lang: 'js' }, body, correlationId: '' },
    ...four,
  },
  'body a 2-tuple [[2,2],{}]': {
    message: { headers, body: '[[2,2],{}]' },
    ...failure('DecodeError', /^bad-body: .*no list of three/),
  },
  'header id missing': {
    message: { headers: { task: headers.task }, body, correlationId: '' },
    ...{ state: 'PENDING', result: undefined, reason: /^missing-id/ },
  },
  'no content_type property': {
    message: { headers, body, contentType: '' },
    ...failure('DecodeError', /^bad-content-type/),
  },
  'no content_encoding': { message: { headers, body, contentEncoding: '' }, ...four },
  'content_type "application/json; charset=utf-8"': {
    message: { headers, body, contentType: 'application/json; charset=utf-8' },
    ...four,
  },
  'content_type text/plain': {
    message: { headers, body, contentType: 'text/plain' },
    ...failure('DecodeError', /^bad-content-type/),
  },
  'body not JSON': { message: { headers, body: 'not JSON' }, ...failure('DecodeError', /^bad-body: not JSON/) },
  'kwargs sent as a list [[2,2],[],{}]': {
    message: { headers, body: '[[2,2],[],{}]' },
    ...failure('DecodeError', /^bad-body: kwargs is no object/),
  },
  'too few args': { message: { headers, body: '[[2],{},{}]' }, ...failure('TypeError', /missing a required argument/) },
  'eta "2020-01-01T00:00:00Z" and "2020-01-01T00:00:00.123Z" (JS toISOString)': {
    message: { headers: { ...headers, ...past }, body },
    ...four,
  },
  'expires "2020-01-01T00:00:00.123Z"': {
    message: { headers: { ...headers, expires: past.eta }, body },
    ...{
      state: 'REVOKED',
      result: expect.objectContaining({ exc_type: 'TaskRevokedError', exc_message: ['expired'] }),
    },
  },
  'timelimit [5,3] (hard, soft)': { message: { headers: { ...headers, timelimit: [5, 3] }, body }, ...four },
  'unknown task name': {
    message: { headers: { ...headers, task: 'no.such.task' }, body },
    ...failure('NotRegistered', /NotRegistered: no.such.task/),
  },
  'protocol 1 body {task,id,args,kwargs}, no headers': {
    message: { headers: {}, body: '{"task": "proj.tasks.add", "id": "an-id", "args": [2, 4], "kwargs": {}}' },
    ...{ state: 'SUCCESS', result: 6 },
  },
};

describe('what a Celery worker was given', () => {
  it('is all here', () => {
    expect(Object.keys(ours).sort()).toEqual(probe.cases.map((one) => one.case).sort());
  });

  it.each(Object.entries(ours))('ends so here: %s', async (_name, { message, state, result, reason }) => {
    const rig = await openRig([
      work.handle(add, (_context, { x, y }) => x + y),
      work.handle(fail, () => {
        throw new RangeError('no');
      }),
    ]);
    await rig.runWire({ correlationId: 'an-id', ...message });
    expect(await rig.stored('an-id')).toEqual({ state, result });
    expect(await rig.reasons()).toEqual(reason === undefined ? [] : [expect.stringMatching(reason)]);
    await rig.run(add({ x: 1, y: 1 }, { taskId: 'after' }));
    expect(await rig.stored('after')).toEqual({ state: 'SUCCESS', result: 2 });
  });
});
