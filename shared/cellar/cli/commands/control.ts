import { askNodes, tellNodes } from '../../control/ask-nodes.ts';
import { CellarError } from '../../errors.ts';
import { command } from '../command.ts';
import { type Control, controls } from '../nodes/controls.ts';
import { askOptions, nodeFlags } from '../nodes/node-flags.ts';
import { showAnswers } from '../nodes/show-answers.ts';
import { withCellar } from '../with-cellar.ts';

export const control = command({
  name: 'control',
  summary:
    'Tells the workers on RabbitMQ to do something; the exit code is 1 when one of them cannot, or none answers.',
  example: 'rate_limit shop.tasks.send_mail 10/m',
  moreExamples: [
    'revoke 8f14e45f-ceea-467f-a8d4-9c3b0c5d2f11',
    'terminate SIGKILL 8f14e45f-ceea-467f-a8d4-9c3b0c5d2f11',
    'time_limit shop.tasks.send_mail 50 60',
    'cancel_consumer invoices --destination mail@worker-1',
    'shutdown -d mail@worker-1',
  ],
  positionals: {
    COMMAND: { help: 'what to do', choices: Object.keys(controls) },
    ARGUMENT: {
      help: Object.entries(controls)
        .filter(([, { usage }]) => usage !== '')
        .map(([name, { usage }]) => `${name} ${usage}`)
        .join(', '),
      many: true,
    },
  },
  flags: nodeFlags,
  async run(context, { COMMAND: name, ARGUMENT: words }, flags) {
    const { isSilent = false, argumentsOf } = controlOf(name);
    const values = argumentsOf(words);
    const options = askOptions(flags);
    return withCellar(context, async ({ cellar }) => {
      if (isSilent) {
        await tellNodes(cellar, name, values, options);
        context.output.note(`${name} was sent; workers do not answer it`);
      } else showAnswers(context, await askNodes(cellar, name, values, options), options.timeoutMs);
      return 0;
    });
  },
});

function controlOf(name: string): Control {
  const found = controls[name];
  if (found === undefined) throw new CellarError('bad-arguments', `unknown command '${name}'`);
  return found;
}
