/** A child as its worker uses it: made ready, given one run at a time, closed. */
import type { Clock } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import type { PoolRun } from '../pool.ts';
import { carryError, errorOfCarried } from './carried-error.ts';
import { outcomeOfCarried } from './carried-outcome.ts';
import type { ChildLink, StartLink } from './child-link.ts';
import {
  type AnswerCall,
  type CarriedRun,
  type ChildDone,
  type ChildStart,
  decodeCrossing,
  encodeCrossing,
  type FromChild,
  type ToChild,
} from './child-protocol.ts';

export interface PoolChildOptions {
  readonly startLink: StartLink;
  readonly start: ChildStart;
  /** Does what the child asks for. */
  readonly answer: AnswerCall;
}

/** How long a child may take to free what its contexts hold before it is killed. */
const CLOSE_MS = 5_000;

export class PoolChild {
  readonly #link: ChildLink;
  readonly #answerCall: AnswerCall;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<string>();
  #isEnded = false;
  #settle: ((done: ChildDone | undefined) => void) | undefined;
  /** Runs that came to their end here. */
  runs = 0;
  /** After the last run; 0 where it is not measured. */
  memoryBytes = 0;
  /** Called once when it ends. */
  onEnd: (() => void) | undefined;

  constructor({ startLink, start, answer }: PoolChildOptions) {
    this.#answerCall = answer;
    this.#link = startLink({
      message: (text) => this.#receive(decodeCrossing<FromChild>(text)),
      exit: (how) => this.#exited(how),
    });
    this.#ready.promise.catch(() => undefined); // a child that nobody waits for may be unusable
    this.#post({ kind: 'start', start });
  }

  /** Resolves when it can run tasks. @throws what keeps it from that */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves with how it ended. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get pid(): number | undefined {
    return this.#link.pid;
  }

  /**
   * Resolves with `undefined` when the child ends before its run does.
   * @throws CellarError `bad-value` for a message that JSON cannot carry
   */
  async run(run: CarriedRun): Promise<PoolRun | undefined> {
    if (this.#isEnded) return undefined;
    this.#post({ kind: 'run', run });
    const done = await new Promise<ChildDone | undefined>((resolve) => {
      this.#settle = resolve;
    });
    this.#settle = undefined;
    if (done === undefined) return undefined;
    this.runs++;
    this.memoryBytes = done.memoryBytes ?? 0;
    return { outcome: outcomeOfCarried(done.outcome), outbox: done.outbox };
  }

  /** Fires the signals of its tasks. */
  interrupt(): void {
    this.#post({ kind: 'interrupt' });
  }

  kill(): void {
    this.#link.kill();
  }

  /** Ends it: at once where it runs a task, else when it has freed what it holds. */
  async close(clock: Clock): Promise<void> {
    if (this.#settle !== undefined) this.kill();
    else this.#post({ kind: 'close' });
    const cancel = clock.setTimer(CLOSE_MS, () => this.kill());
    await this.ended;
    cancel();
  }

  #receive(message: FromChild): void {
    switch (message.kind) {
      case 'ready':
        this.#ready.resolve();
        break;
      case 'unusable':
        this.#ready.reject(errorOfCarried(message.fault));
        break;
      case 'done':
        this.#settle?.(message);
        break;
      case 'call':
        void this.#answer(message);
        break;
    }
  }

  async #answer({ number, call }: Extract<FromChild, { kind: 'call' }>): Promise<void> {
    try {
      this.#post({ kind: 'answer', number, value: await this.#answerCall(call) });
    } catch (error) {
      this.#post({ kind: 'answer', number, fault: carryError(error) });
    }
  }

  #exited(how: string): void {
    this.#isEnded = true;
    this.#ready.reject(new CellarError('closed', `it ended with ${how} before it was ready`));
    this.#settle?.(undefined);
    this.#ended.resolve(how);
    this.onEnd?.();
  }

  #post(message: ToChild): void {
    if (!this.#isEnded) this.#link.post(encodeCrossing(message));
  }
}
