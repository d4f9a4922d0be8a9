/** A node's end of remote control: reads requests, runs commands, answers (kombu/pidbox.py). */
import { exceptionRepr } from '../celery/python-repr.ts';
import { encodeJson } from '../celery/tagged-json.ts';
import type { ControlBus, ControlMessage, ControlReplyTarget } from '../control-bus.ts';
import { describeError, NamedException } from '../exception.ts';
import type { Logger } from '../log.ts';
import { type Command, NO_ANSWER, type NodeContext } from './command.ts';
import { type ControlRequest, readRequest } from './control-request.ts';
import { isForNode } from './is-for-node.ts';
import type { WorkerNode } from './worker-node.ts';

export interface MailboxParts {
  readonly bus: ControlBus;
  readonly node: WorkerNode;
  readonly log: Logger;
  readonly commands: Readonly<Record<string, Command>>;
  readonly context: NodeContext;
}

/** So much later than its time a request is still heard: clocks of machines differ, and Celery's own workers never look. */
const LATE_SECONDS = 60;

export class Mailbox {
  readonly #parts: MailboxParts;

  constructor(parts: MailboxParts) {
    this.#parts = parts;
  }

  /** Never throws or rejects: a request that cannot be read is logged. */
  async handle(message: ControlMessage): Promise<void> {
    const { node, log } = this.#parts;
    const request = readRequest(message);
    if (typeof request === 'string') {
      log.warn(`remote control: ${request}`);
      return;
    }
    node.lamport.forward();
    node.lamport.adjust(request.clock);
    const isLate = request.expiresSeconds > 0 && node.clock.now() / 1000 > request.expiresSeconds + LATE_SECONDS;
    if (isLate || !isForNode(request, node.name)) return;
    const answer = await this.#run(request);
    if (answer.isSilent !== true && request.replyTo !== undefined)
      this.#reply(request, request.replyTo, answer.value ?? null);
  }

  async #run({ method, args }: ControlRequest): Promise<{ readonly value?: unknown; readonly isSilent?: boolean }> {
    const { commands, context, log } = this.#parts;
    log.debug(`remote control: ${method}`);
    try {
      const command = Object.hasOwn(commands, method) ? commands[method] : undefined;
      if (command === undefined) throw new NamedException('KeyError', method);
      const value = await command(context, args);
      return value === NO_ANSWER ? { isSilent: true } : { value };
    } catch (error) {
      log.error(`remote control: ${method}: ${describeError(error)}`);
      return { value: { error: exceptionRepr(error) } };
    }
  }

  #reply({ ticket }: ControlRequest, target: ControlReplyTarget, answer: unknown): void {
    const { bus, node, log } = this.#parts;
    const headers = { ticket, clock: node.lamport.forward() };
    try {
      bus.reply(target, { headers, body: encodeJson({ [node.name]: answer }) });
    } catch (error) {
      log.error(`remote control: an answer cannot be sent: ${describeError(error)}`);
    }
  }
}
