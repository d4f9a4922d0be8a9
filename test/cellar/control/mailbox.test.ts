import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import { golden } from './golden.ts';
import { openNodeRig } from './node-rig.ts';

const work = worker({ queue: 'work' });
const handlers = [work.handle(task('tests.nothing', { params: {}, queue: 'work' }), () => undefined)];

/** Celery's own request, with other fields. */
function request(fields: object = {}, headers: Readonly<Record<string, unknown>> = {}) {
  const [captured] = golden.pidbox_from_inspect_ping;
  return {
    headers: { ...captured.headers, expires: 0, ...headers },
    body: JSON.stringify({ ...captured.body, ...fields }),
  };
}

async function answersTo(message: { headers: Readonly<Record<string, unknown>>; body: string }) {
  const rig = await openNodeRig(handlers);
  await rig.bus.tell(message);
  const bodies = rig.bus.replies.map(({ body }): unknown => JSON.parse(body));
  await rig.close();
  return { bodies, logged: rig.logged };
}

const PONG = [{ 'w1@test': { ok: 'pong' } }];

describe('a request', () => {
  it('as Celery sends it is answered where it asks, with its ticket', async () => {
    const rig = await openNodeRig(handlers);
    const [captured] = golden.pidbox_from_inspect_ping;
    await rig.bus.tell(request());
    expect(rig.bus.replies).toMatchObject([
      {
        exchange: 'reply.celery.pidbox',
        routingKey: (captured.body.reply_to as { routing_key: string }).routing_key,
        headers: { ticket: captured.body.ticket, clock: expect.any(Number) },
      },
    ]);
    await rig.close();
  });

  it.each([
    ['all', {}],
    ['no destination', { destination: [] }],
    ['its name', { destination: ['w0@test', 'w1@test'] }],
    ['a glob', { pattern: 'w?@t*', matcher: 'glob' }],
    ['a set', { pattern: '[!x]1@[st]est', matcher: 'glob' }],
    ['an expression', { pattern: 'w\\d@', matcher: 'pcre' }],
  ])('to %s is heard', async (_to, fields) => {
    expect((await answersTo(request(fields))).bodies).toEqual(PONG);
  });

  it.each([
    ['others', { destination: ['w2@test'] }],
    ['another glob', { pattern: 'x*', matcher: 'glob' }],
    ['a dot that is no letter', { pattern: 'w1.test', matcher: 'glob' }],
    ['another expression', { pattern: '^test', matcher: 'pcre' }],
    ['an expression that is none', { pattern: '(', matcher: 'pcre' }],
    ['a long one', { pattern: '*'.repeat(300), matcher: 'glob' }],
    ['an unknown matcher', { pattern: '*', matcher: 'toString' }],
  ])('to %s is not', async (_to, fields) => {
    expect((await answersTo(request(fields))).bodies).toEqual([]);
  });

  it('that came long after its time is not heard', async () => {
    expect((await answersTo(request({}, { expires: 1_000 }))).bodies).toEqual([]);
    expect((await answersTo(request({}, { expires: 9_999_999_999 }))).bodies).toEqual(PONG);
  });

  it('moves the clock past that of the asker', async () => {
    const rig = await openNodeRig(handlers);
    await rig.bus.tell(request({}, { clock: 1_000 }));
    expect(await rig.ask('clock')).toEqual({ clock: expect.any(Number) });
    expect(rig.bus.replies[0]?.headers.clock).toBeGreaterThan(1_000);
    await rig.close();
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"method": '],
    ['no object', '[1]'],
    ['null', 'null'],
    ['a method that is no text', '{"method": 7}'],
    ['an unknown type', '{"method": {"__type__": "x", "__value__": 1}}'],
  ])('of %s is logged and hurts nobody', async (_what, body) => {
    const { bodies, logged } = await answersTo({ headers: {}, body });
    expect(bodies).toEqual([]);
    expect(logged.filter((line) => line.startsWith('warn remote control: '))).toHaveLength(1);
  });

  it.each([
    ['toString', "KeyError('toString')"],
    ['__proto__', "KeyError('__proto__')"],
    ['memsample', "KeyError('memsample')"],
  ])('for the unknown command %s is answered as Celery does', async (method, error) => {
    expect((await answersTo(request({ method }))).bodies).toEqual([{ 'w1@test': { error } }]);
  });

  it.each([
    ['revoke', { task_id: 7 }],
    ['revoke', { task_id: [{}] }],
    ['terminate', { task_id: 'x', signal: 'SIGNOTHING' }],
    ['rate_limit', {}],
    ['time_limit', { task_name: 'tests.nothing', soft: -1 }],
    ['pool_grow', { n: 'many' }],
    ['query_task', { ids: { a: 1 } }],
    ['add_consumer', {}],
    ['cancel_consumer', { queue: 5 }],
  ])('%s with the arguments %j is answered with an error', async (method, args) => {
    const { bodies } = await answersTo(request({ method, arguments: args }));
    expect(bodies).toEqual([{ 'w1@test': { error: expect.any(String) } }]);
  });

  it('without a place for answers is done without one', async () => {
    const rig = await openNodeRig(handlers);
    await rig.bus.tell(request({ method: 'revoke', arguments: { task_id: 'zzz' }, reply_to: null, ticket: null }));
    expect(rig.bus.replies).toEqual([]);
    expect(await rig.ask('revoked')).toEqual(['zzz']);
    await rig.close();
  });
});
