import { findTask } from '../../inspect/list-tasks.ts';
import { seconds } from '../../settings/value-reader.ts';
import { command } from '../command.ts';
import { option, toggle } from '../flag.ts';
import { reportTask } from '../task-report.ts';
import { DEFAULT_WAIT_SECONDS, waitForResult } from '../wait-for-result.ts';
import { withCellar } from '../with-cellar.ts';

export const result = command({
  name: 'result',
  summary: 'Shows the state and result of a task; the exit code is 1 when it failed.',
  example: '8f14e45f-ceea-467f-a8d4-9c3b0c5d2f11 --wait --timeout 30',
  positionals: { ID: { help: 'the id that send printed' } },
  flags: {
    wait: toggle('wait until it is done'),
    timeout: option('SECONDS', `how long to wait (default: ${DEFAULT_WAIT_SECONDS})`, seconds('zero')),
  },
  run: (context, { ID: id }, { wait, timeout }) =>
    withCellar(context, async ({ cellar }) => {
      if (wait) await waitForResult(context, cellar, { id, timeoutSeconds: timeout });
      const task = await findTask(cellar, id);
      if (task !== undefined) return reportTask(context, task, cellar.settings.timeZone);
      if (context.common.json) context.output.json({ id, state: 'PENDING' });
      else context.output.text(`${id}  PENDING: nothing is stored, and no queue has it\n`);
      return 0;
    }),
});
