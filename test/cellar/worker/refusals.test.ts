import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import fc from 'fast-check';
import * as z from 'zod/mini';
import type { Delivery } from '../../../shared/cellar/broker.ts';
import { derivedId } from '../../../shared/cellar/ids.ts';
import { processDelivery } from '../../../shared/cellar/worker/process.ts';
import { idOf, openRig } from './rig.ts';

const work = worker({ queue: 'work' });
const add = task('math.add', {
  params: { x: z.int(), y: z.optional(z.int()) },
  queue: 'work',
  wireName: { y: 'y_value' },
});
let ran = 0;
const adder = work.handle(add, (_context, { x, y = 0 }) => {
  ran++;
  return x + y;
});
const EMBED = '{"callbacks":null,"errbacks":null,"chain":null,"chord":null}';
const wire = (args: string, kwargs = '{}', headers: object = {}) => ({
  headers: { id: 'an-id', task: 'math.add', ...headers },
  body: `[${args}, ${kwargs}, ${EMBED}]`,
  correlationId: 'an-id',
});

describe('arguments', () => {
  it.each([
    ['positional', '[2, 3]', '{}', 5],
    ['by name', '[]', '{"x": 2, "y_value": 3}', 5],
    ['mixed', '[2]', '{"y_value": 3}', 5],
    ['without the optional one', '[2]', '{}', 2],
  ])('%s are bound as Python binds them', async (_how, args, kwargs, result) => {
    const rig = await openRig([adder]);
    await rig.runWire(wire(args, kwargs));
    expect(await rig.stored('an-id')).toEqual({ state: 'SUCCESS', result });
  });

  it.each([
    ['missing', '[]', '{}', "missing a required argument: 'x'"],
    ['too many', '[1, 2, 3]', '{}', 'takes 2 positional arguments but 3 were given'],
    ['double', '[1, 2]', '{"x": 1}', "got multiple values for argument 'x'"],
    ['unexpected', '[1]', '{"z": 1}', "got an unexpected keyword argument 'z'"],
    ['unexpected, though every object has it', '[1]', '{"constructor": 1, "__proto__": 2}', "argument '__proto__'"],
    ['spelled our way', '[1]', '{"y": 1}', "got an unexpected keyword argument 'y'"],
    ['of the wrong type', '["1"]', '{}', "argument 'x' is not valid"],
  ])('%s: TypeError, dead, not run', async (_how, args, kwargs, text) => {
    const rig = await openRig([adder]);
    ran = 0;
    await rig.runWire(wire(args, kwargs));
    const { state, result } = await rig.stored('an-id');
    expect(state).toBe('FAILURE');
    expect(result).toMatchObject({ exc_type: 'TypeError', exc_module: 'builtins' });
    expect(JSON.stringify(result)).toContain(text);
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 1 });
    expect(ran).toBe(0);
  });

  it('that a throwing schema meets are not valid either', async () => {
    const throwing: typeof add.params.x = Object.create(z.int(), {
      '~standard': {
        value: {
          version: 1,
          vendor: 'test',
          validate: (value: unknown) => {
            if (value === undefined) return { issues: [{ message: 'needed' }] };
            throw new Error('the schema broke');
          },
        },
      },
    });
    const odd = task('tests.odd', { params: { x: throwing }, queue: 'work' });
    const rig = await openRig([work.handle(odd, () => 1)]);
    await rig.runWire({ ...wire('[1]'), headers: { id: 'an-id', task: 'tests.odd' } });
    expect(JSON.stringify(await rig.stored('an-id'))).toContain('the schema broke');
  });
});

describe('messages that no handler can take', () => {
  it('of a task that the worker does not know: NotRegistered', async () => {
    const rig = await openRig([adder]);
    await rig.runWire(wire('[1]', '{}', { task: 'math.subtract' }));
    expect(await rig.stored('an-id')).toMatchObject({
      state: 'FAILURE',
      result: { exc_type: 'NotRegistered', exc_message: ['math.subtract'], exc_module: 'celery.exceptions' },
    });
    expect((await rig.counts()).dead).toBe(1);
  });

  const good = wire('[1]');
  it.each([
    ['bad-content-type', { ...good, contentType: 'text/plain' }],
    ['bad-content-type', { ...good, contentType: '' }],
    ['pickle-refused', { ...good, contentType: 'application/x-python-serialize' }],
    ['bad-body', { ...good, headers: { ...good.headers, compression: 'application/x-bz2' } }],
    [
      'unsupported-compression',
      { ...good, headers: { ...good.headers, compression: 'application/x-lzma' }, body: new Uint8Array([1]) },
    ],
    ['bad-body', { ...good, body: '[[1], {}]' }],
    ['bad-body', { ...good, body: 'not JSON' }],
    ['bad-body', { ...good, body: new Uint8Array([0xff, 0xfe]) }],
    ['bad-header', { ...good, headers: { ...good.headers, eta: 'soon' } }],
    ['bad-header', { ...good, headers: { ...good.headers, retries: -1 } }],
    ['missing-task', { ...good, headers: { id: 'an-id' } }],
    ['bad-body', { ...good, body: '[[1], {}, {"chord": {"task": "x"}}]' }],
  ])('%s: FAILURE under its id, dead with the reason', async (code, message) => {
    const rig = await openRig([adder]);
    await rig.runWire(message);
    expect(await rig.stored('an-id')).toMatchObject({ state: 'FAILURE', result: { exc_type: 'DecodeError' } });
    expect(await rig.reasons()).toEqual([expect.stringMatching(new RegExp(`^${code}: `))]);
  });

  it('missing-id: dead with the reason, nothing stored', async () => {
    const rig = await openRig([adder]);
    const settlement = await rig.runWire({ ...good, headers: { task: 'math.add' }, correlationId: '' });
    expect(settlement.result).toBeUndefined();
    expect(await rig.reasons()).toEqual([expect.stringMatching(/^missing-id: /)]);
  });

  it('stores the fault of an exchange copy under the id of that copy', async () => {
    const rig = await openRig([adder]);
    const settlement = await rig.runWire({
      ...good,
      body: '[]',
      headers: { ...good.headers, 'x-cellar-exchange': 'events' },
    });
    expect(settlement.result?.id).toBe(derivedId('an-id', 'work'));
  });
});

describe('messages that are not run now', () => {
  it('expired: REVOKED with the reason, gone', async () => {
    const rig = await openRig([adder]);
    const { id } = await rig.cellar.send(add({ x: 1 }), { expires: 10 });
    await rig.clock.advance(10_000);
    await rig.work();
    expect(await rig.stored(id)).toMatchObject({
      state: 'REVOKED',
      result: { exc_type: 'TaskRevokedError', exc_message: ['expired'], exc_module: 'celery.exceptions' },
    });
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 0 });
  });

  it('revoked: REVOKED, gone', async () => {
    const rig = await openRig([adder]);
    const { id } = await rig.cellar.send(add({ x: 1 }));
    await rig.cellar.revoke(id);
    await rig.work();
    expect(await rig.stored(id)).toMatchObject({ state: 'REVOKED', result: { exc_message: ['revoked'] } });
  });

  it('before its ETA: delayed again under the same id, as often as it comes early, and run at its time', async () => {
    const rig = await openRig([adder]);
    const etaMs = rig.clock.now() + 60_000;
    const message = wire('[1]', '{}', { eta: new Date(etaMs).toISOString() });
    // As a Python producer sends it: at once, with the time in a header; twice early, as where clocks differ.
    const first = await rig.runWire(message);
    expect(first.publish).toMatchObject([{ correlationId: 'an-id', dueAtMs: etaMs }]);
    await rig.clock.advance(1000);
    await rig.runWire(message);
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 2, dead: 0 });
    await rig.clock.advance(58_999);
    expect(await rig.work()).toBe(0);
    await rig.clock.advance(1);
    expect(await rig.work()).toBe(2);
    expect(await rig.stored('an-id')).toEqual({ state: 'SUCCESS', result: 1 });
  });

  it('with an ETA further off than the broker can hold: FAILURE, not a loop', async () => {
    const rig = await openRig([adder]);
    await rig.runWire(wire('[1]', '{}', { eta: '9999-01-01T00:00:00Z' }));
    expect((await rig.stored('an-id')).state).toBe('FAILURE');
    expect((await rig.counts()).dead).toBe(1);
  });

  it('after more deliveries without an outcome than allowed: WorkerLostError, dead', async () => {
    const rig = await openRig([adder]);
    const { id } = await rig.cellar.send(add({ x: 1 }));
    for (let death = 0; death < 5; death++) {
      await rig.next();
      await rig.clock.advance(30_000);
    }
    ran = 0;
    await rig.step();
    expect(ran).toBe(0);
    expect(await rig.stored(id)).toMatchObject({ state: 'FAILURE', result: { exc_type: 'WorkerLostError' } });
    expect((await rig.counts()).dead).toBe(1);
  });

  it('is given back when the store does not answer, and runs when it does again', async () => {
    const once = task('tests.once', { params: {}, queue: 'work', once: true });
    const rig = await openRig([work.handle(once, () => 'done')]);
    const { id } = await rig.cellar.send(once());
    const { claim } = rig.cellar.results;
    const { CellarError } = await import('cellar');
    rig.cellar.results.claim = () => Promise.reject(new CellarError('store-unavailable', 'the store is away'));
    const settlement = await rig.step();
    expect(settlement.disposition).toEqual({ kind: 'release', delaySeconds: 5 });
    rig.cellar.results.claim = claim;
    await rig.clock.advance(5000);
    await rig.step();
    expect(await rig.stored(id)).toEqual({ state: 'SUCCESS', result: 'done' });
  });
});

/** Things that may stand where another thing belongs; the numbers as text are written bare into a body. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    null,
    '',
    'math.add',
    'an-id',
    '1e400',
    -1,
    '1e17',
    '2026-01-01T00:00:00',
    'x'.repeat(300),
    [null, 5],
    [5, 'x'],
  ),
);
const signature = fc.record(
  { task: anything, args: anything, kwargs: anything, options: anything, subtask_type: anything, immutable: anything },
  { requiredKeys: [] },
);
const goodSignature = fc.record({
  task: fc.constantFrom('math.add', 'no.such'),
  args: fc.array(anything, { maxLength: 2 }),
  kwargs: fc.dictionary(fc.constantFrom('x', 'y', '__proto__'), anything),
  options: fc.dictionary(
    fc.constantFrom(
      'queue',
      'task_id',
      'countdown',
      'eta',
      'expires',
      'priority',
      'link',
      'headers',
      'MessageGroupId',
      'time_limit',
    ),
    anything,
  ),
  immutable: fc.boolean(),
});
const list = fc.oneof(anything, fc.array(fc.oneof(signature, goodSignature), { maxLength: 3 }));
const embed = fc.record(
  { callbacks: list, errbacks: list, chain: list, chord: fc.option(anything) },
  { requiredKeys: [] },
);
const headerNames = [
  'id',
  'task',
  'eta',
  'expires',
  'retries',
  'timelimit',
  'root_id',
  'parent_id',
  'group',
  'ignore_result',
  'compression',
  'argsrepr',
  'stamps',
  'x-cellar-generation',
  'x-cellar-exchange',
];
const headers = fc.tuple(
  fc.dictionary(fc.constantFrom(...headerNames), anything),
  fc.option(fc.constantFrom({ id: 'an-id', task: 'math.add' }, { id: 'an-id', task: 'no.such' })),
);
const body = fc
  .oneof(
    fc.tuple(
      fc.oneof(fc.array(fc.oneof(fc.integer(), anything), { maxLength: 3 }), anything),
      fc.oneof(fc.constant({}), anything),
      fc.oneof(embed, anything),
    ),
    fc.array(anything),
    anything,
  )
  .map((value) => JSON.stringify(value).replaceAll(/"(1e400|1e17)"/g, '$1'));

describe('any message at all', () => {
  it('settles, once, without a fault of the worker', async () => {
    const rig = await openRig([adder]);
    let settled = 0;
    await fc.assert(
      fc.asyncProperty(
        headers,
        fc.oneof(
          { weight: 8, arbitrary: body },
          { weight: 1, arbitrary: fc.string() },
          { weight: 1, arbitrary: fc.uint8Array() },
        ),
        fc.constantFrom('application/json', 'application/json', 'application/json; charset=utf-8', 'text/plain', ''),
        async ([loose, usual], text, contentType) => {
          const delivery: Delivery = {
            queue: 'work',
            receipt: 'none',
            message: {
              headers: { ...loose, ...usual },
              contentType,
              contentEncoding: 'utf-8',
              body: text,
              correlationId: 'an-id',
            },
            deliveryCount: 1,
            enqueuedAtMs: rig.clock.now(),
          };
          const { disposition, result, publish } = await processDelivery(delivery, rig.open.environment, new Set());
          settled++;
          expect(['ack', 'dead']).toContain(disposition.kind);
          if (disposition.kind === 'dead') expect(disposition.reason).not.toContain('worker fault');
          if (result !== undefined) JSON.parse(result.result);
          const outcomes = await rig.cellar.backend.broker.publish(publish);
          expect(outcomes.filter(({ status }) => status === 'refused')).toEqual([]);
        },
      ),
      { numRuns: 3000, seed: 20_261_123 },
    );
    expect(settled).toBe(3000);
    expect(rig.logged.filter((line) => line.includes('worker fault'))).toEqual([]);
  });

  it('is read to its end when it is deeper than can be written again', async () => {
    const deep = task('tests.deep', { params: { value: z.unknown() }, queue: 'work' });
    const rig = await openRig([work.handle(deep, () => 'run')]);
    const body = `[[${'['.repeat(1000)}1${']'.repeat(1000)}], {}, ${EMBED}]`;
    const settlement = await rig.runWire({ ...wire(''), body, headers: { id: 'an-id', task: 'tests.deep' } });
    expect(await rig.stored(idOf(settlement))).toEqual({ state: 'SUCCESS', result: 'run' });
  });
});
