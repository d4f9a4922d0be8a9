import { expect, it } from '@jest/globals';
import type { BothSides, Raised } from './both-sides.ts';

/** Code of a Celery producer, and what it must leave in `out`. */
type Case = readonly [name: string, code: string, out: unknown];

const GET = '.get(timeout=30)';

const cases: readonly Case[] = [
  ['positional arguments', `out = ts('add', 2, 3).delay()${GET}`, 5],
  ['keyword arguments', `out = ts('add', x=2, y=3).delay()${GET}`, 5],
  ['both', `out = ts('add', 2).delay(y=3)${GET}`, 5],
  [
    'arguments of a call before those of its signature',
    `out = ts('echo', 'second').delay('first')${GET}['more']`,
    'second',
  ],
  [
    'dates, decimals, UUIDs and bytes there and back',
    `
import datetime, decimal, uuid
sent = [datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc), decimal.Decimal('1.50'),
        uuid.UUID(int=7), b'\\x00\\xff']
got = ts('echo', sent).delay()${GET}['value']
out = [got == sent, [type(one).__name__ for one in got]]`,
    [true, ['datetime', 'Decimal', 'UUID', 'bytes']],
  ],
  ['integers beyond 2^53', `out = str(ts('echo', 2**60 + 1).delay()${GET}['value'])`, String(2n ** 60n + 1n)],
  [
    'a countdown',
    `
begun = time.time()
seen = ts('echo').apply_async(countdown=1.2)${GET}
out = [seen['eta'], time.time() - begun >= 1.2]`,
    [true, true],
  ],
  [
    'an eta in the past',
    `
import datetime
past = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
out = ts('add', 1, 2).apply_async(eta=past)${GET}`,
    3,
  ],
  ['expires in time', `out = ts('add', 1, 2).apply_async(expires=60)${GET}`, 3],
  ['a priority', `out = ts('echo').apply_async(priority=5)${GET}['priority']`, 5],
  ['headers', `out = ts('echo').apply_async(headers={'shop': 'wine'})${GET}['headers']`, { shop: 'wine' }],
  ['gzip', `out = ts('echo', 'é' * 5000).apply_async(compression='gzip')${GET}['value'] == 'é' * 5000`, true],
  ['bzip2', `out = ts('echo', 'é' * 5000).apply_async(compression='bzip2')${GET}['value'] == 'é' * 5000`, true],
  [
    'no result where it is ignored',
    `
result = ts('add', 1, 2).apply_async(ignore_result=True)
ts('add', 1, 2).delay()${GET}
out = app.AsyncResult(result.id).state`,
    'PENDING',
  ],
  [
    'a link',
    `
from celery import uuid
linked = uuid()
ts('add', 1, 2).apply_async(link=mul.s(10).set(task_id=linked, queue='python'))
out = AsyncResult(linked, app=app)${GET}`,
    30,
  ],
  [
    'an error link gets the id of what failed',
    `
from celery import uuid
linked = uuid()
failed = ts('fail', 'value').apply_async(link_error=ts('echo').set(task_id=linked))
out = AsyncResult(linked, app=app)${GET}['value'] == failed.id`,
    true,
  ],
  [
    'a chain from one side to the other and back',
    `out = chain(ts('add', 1, 2), mul.s(10).set(queue='python'), ts('add', 100)).delay()${GET}`,
    130,
  ],
  [
    'a chain that begins in Python',
    `out = chain(add.s(1, 2), ts('mul', 10).set(queue='cellar'), add.s(100).set(queue='python')).delay()${GET}`,
    130,
  ],
  ['a group of both', `out = group(ts('add', 1, 1), add.s(2, 2), ts('mul', 3, 3)).delay()${GET}`, [2, 4, 9]],
  [
    'a chord of both, with its body here',
    `out = chord([ts('add', 1, 1), add.s(2, 2), ts('mul', 3, 3)], ts('tsum').set(queue='cellar')).delay()${GET}`,
    15,
  ],
  [
    'a chord of both, with its body there',
    `out = chord([ts('add', 1, 1), add.s(2, 2), ts('mul', 3, 3)], tsum.s().set(queue='python')).delay()${GET}`,
    15,
  ],
  [
    'a chain with a group in it, which makes a chord',
    `
both = group(ts('mul', 10).set(queue='cellar'), mul.s(100).set(queue='python'))
out = chain(ts('add', 1, 2), both, ts('tsum').set(queue='cellar')).delay()${GET}`,
    330,
  ],
  [
    'a group of chains',
    `
links = [ts('add', 1, 2) | mul.s(10).set(queue='python'), add.s(3, 4) | ts('mul', 10).set(queue='cellar')]
out = group(links).delay()${GET}`,
    [30, 70],
  ],
  [
    'a chord of chains, one in another language each',
    `
links = [ts('add', 1, 2) | mul.s(10).set(queue='python'), add.s(3, 4) | ts('mul', 10).set(queue='cellar')]
out = chord(links, ts('tsum').set(queue='cellar')).delay()${GET}`,
    100,
  ],
  [
    'starmap, by the worker that has the task',
    `
work = app.signature('celery.starmap', kwargs={'task': ts('add'), 'it': [[1, 2], [3, 4]]}, queue='cellar')
out = work.delay()${GET}`,
    [3, 7],
  ],
  ['an answer to a ping', `out = 'ok' in str(app.control.inspect(['cellar@here'], timeout=5).ping())`, true],
  [
    'events, seen by a receiver',
    `
import threading
seen = []
def listen():
    with app.connection() as connection:
        app.events.Receiver(connection, handlers={'*': seen.append}).capture(limit=None, timeout=None, wakeup=True)
threading.Thread(target=listen, daemon=True).start()
deadline = time.time() + 30
kinds = []
while not kinds and time.time() < deadline:  # until the receiver listens
    result = ts('add', 1, 2).delay()
    result.get(timeout=30)
    time.sleep(0.5)
    kinds = [event['type'] for event in list(seen) if event.get('uuid') == result.id]
out = kinds`,
    ['task-received', 'task-started', 'task-succeeded'],
  ],
  ['retries', `out = ts('flaky', 2).delay()${GET}`, 2],
  [
    'a state of its own',
    `
result = ts('progress', 1).delay()
while result.state == 'PENDING':
    time.sleep(0.02)
seen = [result.state, result.info]
out = [*seen, result${GET}]`,
    ['PROGRESS', { done: 1, of: 2 }, 'done'],
  ],
  [
    'a revoked task is not run',
    `
result = ts('add', 1, 2).apply_async(countdown=1)
app.control.revoke(result.id)
try:
    result.get(timeout=30)
except Exception as error:
    out = type(error).__name__`,
    'TaskRevokedError',
  ],
  ['a result as a message', `out = rpc.send_task('ts.add', (2, 3), queue='cellar-rpc')${GET}`, 5],
];

export function pythonToTypescript(sides: () => BothSides): void {
  it.each(cases)('%s', async (_name, code, out) => {
    expect(await sides().python(code)).toEqual({ out });
  });

  it.each([
    ['in Redis', `ts('fail', 'value').delay()${GET}`],
    ['as a message', `rpc.send_task('ts.fail', ('value',), queue='cellar-rpc')${GET}`],
  ])("an exception of Python's own is raised as what it is, %s", async (_how, code) => {
    expect((await sides().python(code)).raised).toMatchObject({
      type: 'ValueError',
      module: 'builtins',
      args: ['no', 42],
    });
  });

  it('an error of JavaScript is raised as an exception of its name', async () => {
    const raised: Raised | undefined = (await sides().python(`ts('fail', 'own').delay()${GET}`)).raised;
    expect(raised).toMatchObject({ type: 'RangeError', args: ['mine'] });
    expect(raised?.bases).toContain('Exception');
  });

  it.each([
    ['here', `ts('tsum').set(queue='cellar')`],
    ['there', `tsum.s().set(queue='python')`],
  ])('a chord whose part failed fails its body %s', async (_where, body) => {
    const header = `[ts('fail', 'value'), ts('add', 1, 1), add.s(1, 1)]`;
    // Asked by its id: Celery's own result of a chord raises the error of the header first.
    const { raised } = await sides().python(`out = AsyncResult(chord(${header}, ${body}).delay().id, app=app)${GET}`);
    expect(raised).toMatchObject({ type: 'ChordError' });
  });

  it('an unknown task is NotRegistered, bad arguments are a TypeError', async () => {
    expect((await sides().python(`ts('nothing').delay()${GET}`)).raised).toMatchObject({ type: 'NotRegistered' });
    expect((await sides().python(`ts('add', 1).delay()${GET}`)).raised).toMatchObject({ type: 'TypeError' });
  });
}
