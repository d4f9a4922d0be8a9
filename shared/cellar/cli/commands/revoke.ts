import { CellarError } from '../../errors.ts';
import { isReady } from '../../result-precedence.ts';
import { command } from '../command.ts';
import { withCellar } from '../with-cellar.ts';

export const revoke = command({
  name: 'revoke',
  summary: 'Drops a task that has not started; the exit code is 1 when it is done already.',
  example: '8f14e45f-ceea-467f-a8d4-9c3b0c5d2f11',
  positionals: { ID: { help: 'the id that send printed' } },
  flags: {},
  run: (context, { ID: id }) =>
    withCellar(context, async ({ cellar }) => {
      const state = await cellar.result(id).state();
      if (isReady(state)) throw new CellarError('task-failed', `task ${id} is ${state} already, nothing to revoke`);
      await cellar.revoke(id);
      if (context.common.json) context.output.json({ id, revoked: true });
      else context.output.text(`revoked ${id}: it will not run unless it has started\n`);
      return 0;
    }),
});
