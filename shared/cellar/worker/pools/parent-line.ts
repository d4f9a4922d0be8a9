import { errorOfCarried } from './carried-error.ts';
import type { FromChild, ParentCall, ToChild } from './child-protocol.ts';

/** What a child asks of its worker, each call by a number of its own. */
export class ParentLine {
  readonly #send: (message: FromChild) => void;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  #last = 0;

  constructor(send: (message: FromChild) => void) {
    this.#send = send;
  }

  /** @throws what the worker's port threw; CellarError `bad-value` for what JSON cannot carry */
  async call<Answer>(call: ParentCall): Promise<Answer> {
    const number = ++this.#last;
    this.#send({ kind: 'call', number, call });
    const answer = await new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
    // The port that was asked says of what type its answer is.
    return answer as Answer;
  }

  answered({ number, value, fault }: Extract<ToChild, { kind: 'answer' }>): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (fault === undefined) waiting?.resolve(value);
    else waiting?.reject(errorOfCarried(fault));
  }
}
