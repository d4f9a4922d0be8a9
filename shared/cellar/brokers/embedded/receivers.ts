import type { Delivery, ReceiveOptions } from '../../broker.ts';
import type { ClaimedRows, Claimer } from './claim.ts';
import type { DueMessages } from './due.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import { closedError } from './group-commit.ts';
import type { QueueRow } from './queue-registry.ts';
import { isBusy } from './sqlite-busy.ts';

/** Receive calls that wait, and what serves them. */
export interface Receivers {
  receive(queue: QueueRow, options: ReceiveOptions): Promise<readonly Delivery[]>;
  /** Something arrived in this queue: calls that wait are served, inside the transaction that is under way if there is one. */
  arrived(queue: QueueRow): void;
  /** Looks again for all calls that wait, because another process wrote or a time has come. */
  lookAgain(): void;
  isWaiting(): boolean;
  /** Ends all waits with nothing. */
  close(): void;
}

interface Waiter {
  readonly max: number;
  readonly resolve: (deliveries: readonly Delivery[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The waiting calls of one queue, oldest first. */
interface Line {
  readonly queue: QueueRow;
  readonly waiters: Set<Waiter>;
  /** The serving that is asked for and has not ended its claims. */
  serving: Promise<void> | undefined;
  /** The last claim was full, so the next one need not ask whether something is there. */
  moreLikely: boolean;
}

export interface ReceiverParts {
  readonly file: EmbeddedFile;
  readonly claimer: Claimer;
  readonly due: DueMessages;
  /** Called when a call begins to wait. */
  readonly waiting: () => void;
}

export function openReceivers(parts: ReceiverParts): Receivers {
  const { file, claimer, due } = parts;
  const { clock } = file.runtime;
  const lines = new Map<number, Line>();
  const selectReady = file.database.prepare('SELECT 1 FROM cellar_messages WHERE queue = ? AND state = 2 LIMIT 1');
  let closed = false;

  function lineOf(queue: QueueRow): Line {
    const found = lines.get(queue.id);
    if (found !== undefined) return found;
    const line: Line = { queue, waiters: new Set<Waiter>(), serving: undefined, moreLikely: false };
    lines.set(queue.id, line);
    return line;
  }

  /** Whether it is worth taking the lock; a busy file may hold something. */
  function maySomethingBeThere(line: Line): boolean {
    if (line.moreLikely) return true;
    try {
      return selectReady.get(line.queue.id) !== undefined || due.any();
    } catch (error) {
      if (isBusy(error)) return true;
      throw error;
    }
  }

  /** Serves all who wait at this line in one transaction, oldest first. */
  function serve(line: Line): Promise<void> {
    line.serving ??= serveNow(line);
    return line.serving;
  }

  function serveNow(line: Line): Promise<void> {
    const served: { readonly waiter: Waiter; readonly claimed: ClaimedRows }[] = [];
    const work = (): void => {
      due.move(arrived);
      for (const waiter of line.waiters) {
        const claimed = claimer.claim(line.queue, waiter.max);
        line.moreLikely = claimed.rows.length === waiter.max;
        if (claimed.rows.length === 0) break;
        line.waiters.delete(waiter);
        served.push({ waiter, claimed });
      }
      line.serving = undefined;
    };
    return file.write(work).then(
      () => {
        for (const { waiter, claimed } of served) waiter.resolve(claimer.decode(claimed));
      },
      (error: unknown) => {
        line.serving = undefined;
        for (const waiter of [...served.map((one) => one.waiter), ...line.waiters]) waiter.reject(error);
        line.waiters.clear();
      },
    );
  }

  function arrived(queue: QueueRow): void {
    const line = lines.get(queue.id);
    if (line !== undefined && line.waiters.size > 0) void serve(line);
  }

  function wait(line: Line, { maxMessages, waitMs, signal }: ReceiveOptions): Promise<readonly Delivery[]> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        if (line.waiters.delete(waiter)) waiter.resolve([]);
      };
      const cancelTimer = waitMs > 0 ? clock.setTimer(waitMs, end) : undefined;
      const finish = (): void => {
        cancelTimer?.();
        signal?.removeEventListener('abort', end);
      };
      const waiter: Waiter = {
        max: maxMessages,
        resolve: (deliveries) => {
          finish();
          resolve(deliveries);
        },
        reject: (error) => {
          finish();
          reject(error);
        },
      };
      signal?.addEventListener('abort', end, { once: true });
      line.waiters.add(waiter);
      if (maySomethingBeThere(line)) void serve(line).then(waitMs > 0 ? undefined : end);
      else if (waitMs <= 0) end();
      if (waitMs > 0) parts.waiting();
    });
  }

  return {
    async receive(queue, options) {
      if (closed) throw closedError();
      if (options.signal?.aborted === true) return [];
      return await wait(lineOf(queue), options);
    },
    arrived,
    lookAgain() {
      for (const line of lines.values()) {
        if (line.waiters.size > 0 && maySomethingBeThere(line)) void serve(line);
      }
    },
    isWaiting: () => lines.values().some((line) => line.waiters.size > 0),
    close() {
      closed = true;
      for (const line of lines.values()) {
        for (const waiter of line.waiters) {
          line.waiters.delete(waiter);
          waiter.resolve([]);
        }
      }
    },
  };
}
