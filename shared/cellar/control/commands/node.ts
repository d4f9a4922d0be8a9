/** Commands about the node itself: its clock, its events, its end. */
import { uptime } from 'node:os';
import { bugReport } from '../bug-report.ts';
import { type Command, NO_ANSWER, ok } from '../command.ts';
import { sendSign } from '../heart.ts';
import { shownSettings } from '../shown-settings.ts';
import { statistics } from '../statistics.ts';

export const ping: Command = () => ok('pong');
export const clock: Command = ({ node }) => ({ clock: node.lamport.value });
export const stats: Command = (context) => statistics(context);
export const conf: Command = ({ cellar }) => shownSettings(cellar.settings);
export const report: Command = (context) => ok(bugReport(context));

export const enableEvents: Command = ({ node: { events } }) => {
  if (events === undefined || events.sendsTasks) return ok('task events already enabled');
  events.sendsTasks = true;
  return ok('task events enabled');
};

export const disableEvents: Command = ({ node: { events } }) => {
  if (events === undefined || !events.sendsTasks) return ok('task events already disabled');
  events.sendsTasks = false;
  return ok('task events disabled');
};

/** Who starts to listen asks for one, so as to know at once who is there. */
export const heartbeat: Command = ({ node, version }) => {
  sendSign(node, 'worker-heartbeat', version, 5);
  return null;
};

/** Another node that starts: learns what was revoked before. */
export const hello: Command = ({ node }, { from_node: from, revoked }) => {
  if (from === node.name) return null;
  if (typeof revoked === 'object' && revoked !== null) node.revoked.add(Object.keys(revoked));
  return { revoked: revokedTimes(node.revoked.ages()), clock: node.lamport.forward() };
};

/** Id → [when, id], as Celery keeps them: seconds since the machine was started, and never a whole number (it refuses that). */
function revokedTimes(ages: readonly (readonly [string, number])[]): Readonly<Record<string, unknown>> {
  const nowSeconds = uptime();
  const at = (age: number) => Math.floor(nowSeconds - age) + 0.5;
  return Object.fromEntries(ages.map(([id, age]) => [id, [at(age), id]]));
}

export const shutdown: Command = ({ cellar, askStop }) => {
  cellar.log.warn('remote control asked this worker to stop');
  askStop();
  return NO_ANSWER;
};
