import { CellarError } from '../../errors.ts';
import { route as routeMessage } from '../../routing/route.ts';
import { command } from '../command.ts';
import { findApp } from '../find-app.ts';
import { maybeText, option, repeated } from '../flag.ts';

export const route = command({
  name: 'route',
  summary: 'Shows which queues a message would reach; nothing is sent.',
  example: 'shop.events --key order.paid.fr --header region=eu',
  positionals: { EXCHANGE: { help: "name of the exchange; '' is the default exchange" } },
  flags: {
    key: option('KEY', "routing key (default: '')", maybeText),
    header: repeated('NAME=VALUE', 'a header, may be repeated; the value is JSON where it can be read so, else text', {
      allowed: 'NAME=VALUE',
      read: headerOf,
    }),
  },
  async run({ io, output, common }, { EXCHANGE: exchange }, { key = '', header }) {
    const { app } = await findApp(io.cwd, common.app);
    const headers = Object.fromEntries(header);
    const queues = routeMessage(app.topology, exchange, { routingKey: key, headers });
    if (common.json) output.json({ exchange, routingKey: key, headers, queues });
    else if (queues.length > 0) output.text(`${queues.join('\n')}\n`);
    else output.note(`no queue matches on '${exchange}' with the routing key '${key}'`);
    return 0;
  },
});

function headerOf(text: string): readonly [string, unknown] | undefined {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) return undefined;
  try {
    return [name, JSON.parse(value)];
  } catch (error) {
    if (error instanceof SyntaxError) return [name, value];
    throw new CellarError('bad-arguments', `the header ${name} cannot be read`, { cause: error });
  }
}
