import { text as readAll } from 'node:stream/consumers';
import { CellarError } from '../../errors.ts';
import { findTask } from '../../inspect/list-tasks.ts';
import { didYouMean } from '../../nearest.ts';
import { seconds } from '../../settings/value-reader.ts';
import type { SendOptions, Signature } from '../../signature.ts';
import { argumentsOf, callOf, signatureOf } from '../call-of.ts';
import { type CommandContext, command } from '../command.ts';
import type { ExitCode } from '../exit-code.ts';
import { anyText, isoTime, option, toggle } from '../flag.ts';
import { knownQueue } from '../known-queue.ts';
import { knownTasks } from '../known-tasks.ts';
import { shownTime } from '../shown.ts';
import { fieldList } from '../table.ts';
import { reportTask } from '../task-report.ts';
import { DEFAULT_WAIT_SECONDS, waitForResult } from '../wait-for-result.ts';
import { type OpenApp, withCellar } from '../with-cellar.ts';

export const send = command({
  name: 'send',
  summary: 'Sends a task and prints its id.',
  example: `orders.tasks.order_created '{"orderId": 42}' --countdown 60`,
  positionals: {
    NAME: { help: 'name of the task; one that the application does not know needs --queue' },
    JSON: {
      help: "an object of named arguments, or an array in order; '-' reads it from standard input",
      optional: true,
    },
  },
  flags: {
    countdown: option('SECONDS', 'not before so many seconds from now', seconds('zero')),
    eta: option('TIME', 'not before this time', isoTime),
    queue: option('QUEUE', "queue instead of the task's own", anyText),
    messageGroup: option('GROUP', 'ordering key: tasks of one group run one after the other', anyText),
    wait: toggle('wait for the result; the exit code is 1 when the task fails'),
    timeout: option('SECONDS', `how long to wait (default: ${DEFAULT_WAIT_SECONDS})`, seconds('zero')),
  },
  async run(context, { NAME, JSON: json = '[]' }, { wait, timeout, ...options }) {
    const text = json === '-' ? await readAll(context.io.stdin) : json;
    return withCellar(context, async (open) => {
      const queue = options.queue === undefined ? undefined : knownQueue(open.cellar.topology, options.queue);
      const signature = await signatureFor(context, open, { name: NAME, text, queue });
      const sendOptions = withoutUndefined({ ...options, queue });
      const { id } = await open.cellar.send(signature, sendOptions);
      if (wait) return waited(context, open, { id, timeoutSeconds: timeout });
      return report(context, open, {
        id,
        task: NAME,
        ...dueOf(open, sendOptions),
        queue: queue ?? signature.options.queue,
      });
    });
  },
});

interface Typed {
  readonly name: string;
  readonly text: string;
  readonly queue: string | undefined;
}

async function signatureFor(
  { output }: CommandContext,
  { app }: OpenApp,
  { name, text, queue }: Typed,
): Promise<Signature<unknown>> {
  const given = argumentsOf(text);
  const tasks = await knownTasks(app);
  const contract = tasks.get(name);
  if (contract !== undefined) return callOf(contract, given);
  const near = didYouMean(name, tasks.keys());
  if (queue === undefined) {
    const known = [...tasks.keys()].join(', ') || 'none';
    throw new CellarError('unknown-task', `unknown task '${name}'${near}, known: ${known}; any other needs --queue`);
  }
  output.note(`the application does not know the task '${name}'${near}; sent as it is`);
  return signatureOf(name, given, queue);
}

function withoutUndefined(
  options: { readonly [Name in keyof SendOptions]: SendOptions[Name] | undefined },
): SendOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function dueOf({ cellar }: OpenApp, { countdown, eta }: SendOptions): { readonly dueAtMs?: number } {
  const nowMs = cellar.runtime.clock.now();
  const dueAtMs = eta?.getTime() ?? nowMs + (countdown ?? 0) * 1000;
  return dueAtMs > nowMs ? { dueAtMs: Math.ceil(dueAtMs) } : {};
}

interface Sent {
  readonly id: string;
  readonly task: string;
  readonly queue: string;
  readonly dueAtMs?: number;
}

function report({ output, common }: CommandContext, { cellar }: OpenApp, sent: Sent): ExitCode {
  const { dueAtMs, ...fields } = sent;
  if (common.json) output.json(sent);
  else output.text(fieldList({ ...fields, due: shownTime(dueAtMs, cellar.settings.timeZone) }));
  return 0;
}

async function waited(
  context: CommandContext,
  { cellar }: OpenApp,
  wait: { readonly id: string; readonly timeoutSeconds: number | undefined },
): Promise<ExitCode> {
  await waitForResult(context, cellar, wait);
  const task = await findTask(cellar, wait.id);
  return task === undefined ? 1 : reportTask(context, task, cellar.settings.timeZone);
}
