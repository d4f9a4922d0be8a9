/** What must compile and what must not; checked by the compiler alone (`npm run check:types`). */
import { type Cellar, chain, chord, group, task, withOptions, worker } from 'cellar';
import * as z from 'zod/mini';

const add = task('math.add', { params: { x: z.int(), y: z.int() }, returns: z.int() });
const greet = task('text.greet', { params: { name: z.string(), loud: z.optional(z.boolean()) }, returns: z.string() });
const tick = task('time.tick', { params: {} });

export async function callers(cellar: Cellar): Promise<void> {
  const sum: number = await (await cellar.send(add({ x: 1, y: 2 }))).get();
  const words: string = await (await cellar.send(greet({ name: 'Ada' }))).get();
  await cellar.send(tick());
  const last: string = await (
    await cellar.send(chain(add({ x: sum, y: 1 }), add.partial({ y: 4 }), greet({ name: words })))
  ).get();
  void last;
  // @ts-expect-error an argument is missing
  add({ x: 1 });
  // @ts-expect-error an argument has the wrong type
  add({ x: '1', y: 2 });
  // @ts-expect-error there is no such parameter
  greet({ name: 'Ada', shout: true });
  // @ts-expect-error a partial is not complete
  await cellar.send(add.partial({ y: 4 }));
  // @ts-expect-error the result is a number
  const wrong: string = await (await cellar.send(add({ x: 1, y: 2 }))).get();
  void wrong;
  // @ts-expect-error a string does not fit the first parameter of add
  chain(greet({ name: 'Ada' }), add.partial({ y: 1 }));
  // @ts-expect-error there is no such option
  await cellar.send(tick(), { countDown: 3 });
}

const total = task('math.total', { params: { numbers: z.array(z.int()) }, returns: z.int() });

export async function workflows(cellar: Cellar): Promise<void> {
  const one: number = await (await cellar.send(chord([add({ x: 1, y: 2 })], total.partial({})))).get();
  const many: readonly number[] = await (
    await cellar.send(group([add({ x: one, y: 2 }), total({ numbers: [] })]))
  ).get();
  const two: number = await (
    await cellar.send(chain(add({ x: 1, y: 1 }), group([add.partial({ y: 1 })]), total.partial({})))
  ).get();
  const lists: number[] = await (await cellar.send(chain(add({ x: 1, y: two }), group([add.partial({ y: 1 })])))).get();
  await cellar.send(
    withOptions(chain(group([chain(add({ x: 1, y: 1 }), add.partial({ y: 1 }))]), total.partial({})), { countdown: 1 }),
  );
  void [many, lists];
  // @ts-expect-error the body takes a list of numbers, not of texts
  chord([greet({ name: 'Ada' })], total.partial({}));
  // @ts-expect-error a number is no list
  chain(add({ x: 1, y: 1 }), total.partial({}));
  // @ts-expect-error a member of the group is given a text
  chain(greet({ name: 'Ada' }), group([add.partial({ y: 1 })]));
  // @ts-expect-error a member is not complete
  await cellar.send(group([add.partial({ y: 1 })]));
  // @ts-expect-error the first step is not complete
  await cellar.send(chain(add.partial({ y: 1 }), add.partial({ y: 1 })));
}

const math = worker({ queue: 'math', context: async () => ({ factor: 2 }) });
math.handle(add, async ({ factor, request, signal }, { x, y }) => {
  const id: string = request.id;
  const stop: AbortSignal = signal;
  void [id, stop];
  return factor * (x + y);
});
math.handle(add, ({ retry }) => retry({ countdown: 1 }));
// @ts-expect-error the result must be a number
math.handle(add, async () => 'three');
// @ts-expect-error the context has no mailer
math.handle(add, async ({ mailer }) => mailer);
// @ts-expect-error add has no parameter z
math.handle(add, async (_context, { z: other }) => other);
