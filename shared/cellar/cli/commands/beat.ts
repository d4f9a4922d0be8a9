import { brokerName } from '../../inspect/broker-name.ts';
import { startBeat } from '../../schedule/beat.ts';
import { command } from '../command.ts';
import { aborted, untilStopped } from '../until-stopped.ts';
import { withCellar } from '../with-cellar.ts';

export const beat = command({
  name: 'beat',
  summary: 'Sends the periodic tasks of the topology when they are due, until SIGTERM or SIGINT.',
  example: '--data-dir .cellar',
  positionals: {},
  flags: {},
  run: (context) =>
    untilStopped(context, ({ warm }) =>
      withCellar(
        context,
        async ({ cellar }) => {
          const schedules = Object.keys(cellar.topology.schedules);
          const broker = brokerName(cellar.settings.brokerUrl);
          const running = startBeat(cellar);
          if (context.common.json) context.output.json({ ready: 'beat', broker, schedules });
          else context.output.text(`ready: beat on ${broker}, ${schedules.length} schedules\n`);
          await aborted(warm);
          await running.stop();
          return 0;
        },
        { quiet: false },
      ),
    ),
});
