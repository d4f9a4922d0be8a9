/** A node's place on the bus: its mailbox is open, and others hear that it lives. */
import type { ControlBus } from '../control-bus.ts';
import type { NodeContext } from './command.ts';
import { commands } from './commands.ts';
import { startHeart } from './heart.ts';
import { Mailbox } from './mailbox.ts';
import { mingle } from './mingle.ts';

export interface NodeLink {
  /** It takes messages from now on. */
  ready(): void;
  close(): Promise<void>;
}

/** @throws CellarError `broker-unavailable` */
export async function openLink(
  bus: ControlBus,
  context: NodeContext,
  { hasHeartbeat = true, mingles = true }: { readonly hasHeartbeat?: boolean; readonly mingles?: boolean },
): Promise<NodeLink> {
  const { node, cellar, version } = context;
  const mailbox = new Mailbox({ bus, node, log: cellar.log, commands, context });
  const closeMailbox = await bus.serve(node.name, (request) => void mailbox.handle(request));
  if (mingles) await mingle(bus, node, cellar);
  let stopHeart = (): void => undefined;
  return {
    ready() {
      if (hasHeartbeat) stopHeart = startHeart(node, version);
    },
    async close() {
      node.events?.flush();
      stopHeart();
      await closeMailbox();
    },
  };
}
