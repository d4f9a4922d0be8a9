/** All commands, in the order of the help. */
import type { Command } from './command.ts';
import { beat } from './commands/beat.ts';
import { control } from './commands/control.ts';
import { events } from './commands/events.ts';
import { inspect } from './commands/inspect.ts';
import { purge } from './commands/purge.ts';
import { redrive } from './commands/redrive.ts';
import { result } from './commands/result.ts';
import { revoke } from './commands/revoke.ts';
import { route } from './commands/route.ts';
import { send } from './commands/send.ts';
import { worker } from './commands/worker.ts';

export const commands: readonly Command[] = [
  worker,
  beat,
  send,
  result,
  route,
  inspect,
  control,
  events,
  purge,
  redrive,
  revoke,
];
