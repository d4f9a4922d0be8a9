import { describe, expect, it } from '@jest/globals';
import { chord, task, withOptions, worker } from 'cellar';
import * as z from 'zod/mini';
import { openRig } from './rig.ts';

const work = worker({ queue: 'work' });
const fail = task('tests.fail', { params: { x: z.optional(z.number()) }, returns: z.number(), queue: 'work' });
const note = task('tests.note', { params: { text: z.unknown() }, queue: 'work' });
const sum = task('tests.sum', { params: { numbers: z.array(z.number()) }, returns: z.number(), queue: 'work' });
const onError = task('tests.on_error', {
  params: { request: z.looseObject({ id: z.string() }), exception: z.unknown(), traceback: z.nullable(z.string()) },
  queue: 'work',
  errback: 'inline',
});

async function open({ isThere = true, throws = false } = {}) {
  const calls: { request: Record<string, unknown>; exception: unknown; traceback: string | null }[] = [];
  const notes: unknown[] = [];
  const inline = work.handle(onError, ({ send }, args) => {
    if (throws) throw new Error('the errback is broken');
    calls.push(args);
    send(note({ text: `sent for ${args.request.id}` }));
  });
  const rig = await openRig([
    work.handle(fail, () => {
      throw new RangeError('no');
    }),
    work.handle(sum, () => 0),
    work.handle(note, (_context, { text }) => void notes.push(text)),
    ...(isThere ? [inline] : []),
  ]);
  return { rig, calls, notes };
}

describe('an errback that is called inline', () => {
  it('gets the failed request, the exception and the traceback in the worker whose task failed', async () => {
    const { rig, calls, notes } = await open();
    const { id } = await rig.cellar.send(fail({ x: 1 }), { linkError: [onError.partial({})] });
    await rig.step();
    expect(calls).toEqual([
      {
        request: { id, task: 'tests.fail', args: [1], kwargs: {}, rootId: id, parentId: null, retries: 0 },
        exception: { exc_type: 'RangeError', exc_message: ['no'], exc_module: 'javascript' },
        traceback: expect.stringContaining('RangeError: no'),
      },
    ]);
    await rig.work();
    expect(notes).toEqual([`sent for ${id}`]);
    expect((await rig.cellar.results.list({ limit: 9, task: 'tests.on_error' })).length).toBe(0);
  });

  it('of a chord is told of its body', async () => {
    const { rig, calls } = await open();
    const sent = await rig.cellar.send(
      withOptions(chord([fail({}), fail({})], sum.partial({})), { linkError: [onError.partial({})] }),
    );
    await rig.work();
    expect(calls.map(({ request, exception }) => ({ request, exception }))).toEqual([
      {
        request: expect.objectContaining({ id: sent.id, task: 'tests.sum' }),
        exception: expect.objectContaining({ exc_type: 'ChordError', exc_module: 'celery.exceptions' }),
      },
    ]);
  });

  it('is sent with the id where this worker has no handler of it', async () => {
    const { rig } = await open({ isThere: false });
    const { id } = await rig.cellar.send(fail({}), { linkError: [onError.partial({})] });
    const { publish } = await rig.step();
    expect(publish.map(({ headers, body }) => [headers.task, JSON.parse(String(body))[0]])).toEqual([
      ['tests.on_error', [id]],
    ]);
  });

  it('that throws leaves the failure as it is', async () => {
    const { rig } = await open({ throws: true });
    const { id } = await rig.cellar.send(fail({}), { linkError: [onError.partial({})] });
    await rig.work();
    expect(await rig.stored(id)).toMatchObject({ state: 'FAILURE', result: { exc_type: 'RangeError' } });
    expect(rig.logged.join('\n')).toContain('an errback failed: Error: the errback is broken');
  });
});
