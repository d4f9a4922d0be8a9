/** Fills batches of one kind of request to one target: what comes within a millisecond goes together. */
import type { BatchFailure } from '../../aws/calls.ts';
import type { Runtime } from '../../clock.ts';
import { type EntryFault, faultOfCall } from './faults.ts';

/** As many entries as AWS takes in one batch. */
const MOST_ENTRIES = 10;
/** Requests to one target at the same time. */
const MOST_REQUESTS = 10;
/** How long a batch may take to fill. */
export const FILL_FOR_MS = 1;
/** How long an entry is tried again that AWS refused for a reason that passes. */
const TRY_FOR_MS = 10_000;
const PAUSE_MS = 200;

export interface BatcherParts<Entry> {
  readonly runtime: Runtime;
  /** Most bytes of all entries of one request. */
  readonly maxBytes: number;
  /** How long the batch that begins now may take to fill. @default 1 ms */
  readonly fillForMs?: () => number;
  request(entries: readonly (Entry & { readonly Id: string })[]): Promise<BatchAnswer>;
}

interface BatchAnswer {
  readonly Successful?: readonly { readonly Id: string }[];
  readonly Failed?: readonly BatchFailure[];
}

interface Failed {
  readonly fault: EntryFault;
  readonly passes: boolean;
}

interface Pending<Entry> {
  readonly entry: Entry;
  readonly bytes: number;
  readonly untilMs: number;
  readonly line: Line<Entry>;
  readonly resolve: (fault: EntryFault | undefined) => void;
}

/** What waits of one message group; entries before `next` are with AWS. */
interface Line<Entry> {
  readonly group: string | undefined;
  waiting: Pending<Entry>[];
  next: number;
  bytes: number;
  isOut: boolean;
}

/**
 * Entries of one group keep their order: a group is never in two requests at a time, other groups go in parallel.
 * Only where AWS takes a later entry of a batch and refuses an earlier one of its group does the earlier one come last.
 */
export class Batcher<Entry extends object> {
  readonly #parts: BatcherParts<Entry>;
  readonly #lines = new Map<string, Line<Entry>>();
  /** Lines that have something to send and nothing with AWS, oldest first. */
  readonly #ready = new Set<Line<Entry>>();
  #readyEntries = 0;
  #readyBytes = 0;
  #requests = 0;
  #timer: (() => void) | undefined;

  constructor(parts: BatcherParts<Entry>) {
    this.#parts = parts;
  }

  /** Resolves when AWS has the entry, or with why not. Entries without a group have no order. */
  add(
    entry: Entry,
    { bytes, group }: { readonly bytes: number; readonly group?: string },
  ): Promise<EntryFault | undefined> {
    return new Promise((resolve) => {
      const line = this.#lineOf(group);
      line.waiting.push({ entry, bytes, untilMs: this.#parts.runtime.clock.now() + TRY_FOR_MS, line, resolve });
      line.bytes += bytes;
      if (line.isOut) return;
      this.#ready.add(line);
      this.#readyEntries++;
      this.#readyBytes += bytes;
      this.#sendFull();
    });
  }

  #lineOf(group: string | undefined): Line<Entry> {
    const found = group === undefined ? undefined : this.#lines.get(group);
    if (found !== undefined) return found;
    const line: Line<Entry> = { group, waiting: [], next: 0, bytes: 0, isOut: false };
    if (group !== undefined) this.#lines.set(group, line);
    return line;
  }

  /** Sends every batch that is full; the rest has a millisecond to become so. */
  #sendFull(): void {
    while (this.#readyEntries >= MOST_ENTRIES || this.#readyBytes >= this.#parts.maxBytes) {
      if (!this.#sendOne()) return;
    }
    if (this.#readyEntries === 0) return;
    const { runtime, fillForMs } = this.#parts;
    this.#timer ??= runtime.clock.setTimer(fillForMs?.() ?? FILL_FOR_MS, () => {
      this.#timer = undefined;
      while (this.#readyEntries > 0 && this.#sendOne());
    });
  }

  /** False where as many requests are out as may be: the end of one sends more. */
  #sendOne(): boolean {
    if (this.#requests >= MOST_REQUESTS) return false;
    this.#requests++;
    void this.#send(this.#take());
    return true;
  }

  #take(): readonly Pending<Entry>[] {
    const batch: Pending<Entry>[] = [];
    let bytes = 0;
    for (const line of this.#ready) {
      for (let next = line.waiting[line.next]; next !== undefined; next = line.waiting[line.next]) {
        const isFull = batch.length === MOST_ENTRIES || (batch.length > 0 && bytes + next.bytes > this.#parts.maxBytes);
        if (isFull) return batch;
        if (!line.isOut) this.#leaveReady(line);
        batch.push(next);
        bytes += next.bytes;
        line.bytes -= next.bytes;
        line.next++;
      }
    }
    return batch;
  }

  #leaveReady(line: Line<Entry>): void {
    line.isOut = true;
    this.#ready.delete(line);
    this.#readyEntries -= line.waiting.length - line.next;
    this.#readyBytes -= line.bytes;
  }

  async #send(batch: readonly Pending<Entry>[]): Promise<void> {
    const faults = await this.#request(batch.map(({ entry }, index) => ({ ...entry, Id: String(index) })));
    this.#requests--;
    const nowMs = this.#parts.runtime.clock.now();
    const again = batch.filter(({ untilMs, resolve }, index) => {
      const failed = faults[index];
      if (failed?.passes === true && nowMs < untilMs) return true;
      resolve(failed?.fault);
      return false;
    });
    for (const line of new Set(batch.map((pending) => pending.line))) {
      this.#comeBack(
        line,
        again.filter((pending) => pending.line === line),
      );
    }
    this.#sendFull();
  }

  /** A whole call that failed was tried again already, below. */
  #request(entries: readonly (Entry & { readonly Id: string })[]): Promise<readonly (Failed | undefined)[]> {
    return this.#parts.request(entries).then(
      (answer) => failuresOf(answer, entries.length),
      (error: unknown) => entries.map(() => ({ fault: faultOfCall(error), passes: false })),
    );
  }

  /** The line goes on, after a pause where something of it is to be sent again. */
  #comeBack(line: Line<Entry>, again: readonly Pending<Entry>[]): void {
    if (again.length === 0) {
      this.#goOn(line);
      return;
    }
    line.waiting = [...again, ...line.waiting.slice(line.next)];
    line.next = 0;
    for (const { bytes } of again) line.bytes += bytes;
    const { clock, random } = this.#parts.runtime;
    clock.setTimer(PAUSE_MS * (0.5 + random() / 2), () => {
      this.#goOn(line);
      this.#sendFull();
    });
  }

  #goOn(line: Line<Entry>): void {
    line.isOut = false;
    if (line.waiting.length === line.next) {
      if (line.group !== undefined) this.#lines.delete(line.group);
      return;
    }
    this.#ready.add(line);
    this.#readyEntries += line.waiting.length - line.next;
    this.#readyBytes += line.bytes;
  }
}

/** One failure or none per entry, in order; an entry that the answer does not name is taken to have failed. */
function failuresOf(answer: BatchAnswer, length: number): readonly (Failed | undefined)[] {
  const failures: (Failed | undefined)[] = Array.from({ length }, () => UNANSWERED);
  for (const { Id } of answer.Successful ?? []) failures[Number(Id)] = undefined;
  for (const { Id, Code, Message = '', SenderFault } of answer.Failed ?? []) {
    const fault = { awsCode: Code, message: Message, isSenders: SenderFault };
    failures[Number(Id)] = { fault, passes: !SenderFault };
  }
  return failures;
}

const UNANSWERED: Failed = {
  fault: { awsCode: 'NoAnswer', message: 'the answer does not name it', isSenders: false },
  passes: true,
};
