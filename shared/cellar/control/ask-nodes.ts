/** Asks and tells worker nodes: Cellar's and Celery's alike. */
import type { Client } from '../client.ts';
import type { ControlBus } from '../control-bus.ts';
import { CellarError } from '../errors.ts';
import { askBus } from './ask-bus.ts';
import { composeRequest } from './compose-request.ts';

/** Who is asked, and how long answers are waited for. */
export interface AskOptions {
  /** Names of nodes. @default all */
  readonly destination?: readonly string[];
  /** As Celery's. @default 1000 */
  readonly timeoutMs?: number;
}

export type CommandValues = Readonly<Record<string, unknown>>;

/** Clients have no logical clock of their own. */
const NO_CLOCK = 1;

/**
 * Sends a command (`ping`, `stats`, `active`, `rate_limit` …) and answers what the nodes answered, by node name.
 * @throws CellarError `not-supported` where the broker has no remote control; `broker-unavailable`
 */
export async function askNodes(
  { backend, runtime }: Pick<Client, 'backend' | 'runtime'>,
  command: string,
  args: CommandValues = {},
  { destination, timeoutMs = 1000 }: AskOptions = {},
): Promise<ReadonlyMap<string, unknown>> {
  const bus = controlOf(backend.control);
  return await askBus(bus, { method: command, args, destination, timeoutMs, clock: NO_CLOCK }, runtime);
}

/**
 * Sends a command without waiting for answers.
 * @throws CellarError `not-supported` where the broker has no remote control; `broker-unavailable`
 */
export async function tellNodes(
  { backend }: Pick<Client, 'backend'>,
  command: string,
  args: CommandValues = {},
  { destination }: Pick<AskOptions, 'destination'> = {},
): Promise<void> {
  await controlOf(backend.control).tell(composeRequest({ method: command, args, destination, clock: NO_CLOCK }));
}

/** @throws CellarError `not-supported` */
export function controlOf(bus: ControlBus | undefined): ControlBus {
  if (bus !== undefined) return bus;
  throw new CellarError('not-supported', 'this broker has no events and no remote control, allowed: amqp: and amqps:');
}
