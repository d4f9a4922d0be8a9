/** What a handler may return instead of a result. Made only by the task context. */
import type { Directive, RetryRequest } from '../worker.ts';

export class RetryDirective {
  readonly request: RetryRequest;
  constructor(request: RetryRequest) {
    this.request = request;
  }
}

export class RejectDirective {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export class IgnoreDirective {}

/** The public face of a directive: its type keeps handlers from making one by themselves. */
export function asDirective(directive: RetryDirective | RejectDirective | IgnoreDirective): Directive {
  return directive as Directive & typeof directive;
}
