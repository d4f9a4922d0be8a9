import { tellNodes } from '../../control/ask-nodes.ts';
import { listenEvents, type NodeEvent } from '../../control/listen-events.ts';
import { command } from '../command.ts';
import { toggle } from '../flag.ts';
import { plainText } from '../plain-text.ts';
import { shownTime } from '../shown.ts';
import { aborted, untilStopped } from '../until-stopped.ts';
import { withCellar } from '../with-cellar.ts';

export const events = command({
  name: 'events',
  summary: 'Shows what the workers on RabbitMQ do as it happens, one line an event, until SIGTERM or SIGINT.',
  example: '--enable --json',
  positionals: {},
  flags: { enable: toggle('first tell all workers to send events of tasks') },
  run: (context, _args, { enable }) =>
    untilStopped(context, ({ warm }) =>
      withCellar(context, async ({ cellar }) => {
        const { output, common } = context;
        const show = (event: NodeEvent): void => {
          if (common.json) output.json(event);
          else output.text(`${shownEvent(event, cellar.settings.timeZone)}\n`);
        };
        const end = await listenEvents(cellar, show);
        if (enable) await tellNodes(cellar, 'enable_events');
        output.note('listening');
        await aborted(warm);
        await end();
        return 0;
      }),
    ),
});

/** The time, the type, the node, then what else it says. */
function shownEvent(event: NodeEvent, timeZone: string): string {
  const { type, hostname, timestamp, pid: _pid, clock: _clock, utcoffset: _offset, ...rest } = event;
  const time = typeof timestamp === 'number' ? shownTime(timestamp * 1000, timeZone) : '';
  const fields = Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return plainText([time, type, String(hostname), ...fields].join(' '));
}
