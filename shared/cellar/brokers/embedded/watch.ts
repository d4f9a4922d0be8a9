import type { EmbeddedFile } from './embedded-file.ts';
import { isBusy } from './sqlite-busy.ts';

/** Looks at the file while someone waits, and only then. */
export interface Watch {
  /** Someone waits: looks from now on until nobody does. */
  start(): void;
  /** A message will be due at that time. */
  expectAt(atMs: number): void;
  close(): void;
}

export interface WatchParts {
  readonly file: EmbeddedFile;
  /** Whether looking is still worth while. */
  readonly isAnyoneWaiting: () => boolean;
  /** When the next message is due, asked again after each change. */
  readonly nextDueAtMs: () => number;
  /** The file was changed by another process, or a time has come. */
  readonly lookAgain: () => void;
  /** Looks for processes that died. */
  readonly checkOwners: () => void;
}

/** Between two looks while there is traffic. A look costs little, but waking the process up for it does. */
const BUSY_LOOK_MS = 6;
/** Between two looks when nothing happened for a while: idle waiting stays below 1 % of a core. */
const IDLE_LOOK_MS = 25;
/** How long after the last change the file counts as busy. */
const BUSY_MS = 500;
const OWNER_CHECK_MS = 1000;

/** Notices what other processes write: `PRAGMA data_version` changes with each commit that is not this connection's. */
export function openWatch(parts: WatchParts): Watch {
  const { file } = parts;
  const { clock } = file.runtime;
  const selectVersion = file.database.prepare('PRAGMA data_version');
  let seenVersion: number | undefined;
  let nextDueAtMs = Number.NEGATIVE_INFINITY;
  let ownersCheckedAtMs = clock.now();
  let changedAtMs = clock.now();
  let cancel: (() => void) | undefined;
  let closed = false;

  function arm(): void {
    const untilDue = Math.max(nextDueAtMs - clock.now(), 0);
    const lookMs = clock.now() - changedAtMs < BUSY_MS ? BUSY_LOOK_MS : IDLE_LOOK_MS;
    cancel = clock.setTimer(Math.min(lookMs, untilDue), tick);
  }

  function tick(): void {
    cancel = undefined;
    if (closed || !parts.isAnyoneWaiting()) return;
    try {
      look();
    } catch (error) {
      // A file that cannot be read now may be readable at the next look; the calls themselves report a lasting fault.
      if (!isBusy(error)) nextDueAtMs = Number.POSITIVE_INFINITY;
    }
    arm();
  }

  function look(): void {
    const now = clock.now();
    const version = Number(selectVersion.get()?.['data_version']);
    const isChanged = version !== seenVersion;
    seenVersion = version;
    if (isChanged) changedAtMs = now;
    if (isChanged || now >= nextDueAtMs) {
      parts.lookAgain();
      const next = parts.nextDueAtMs();
      // What is due already is being moved: the next look is not needed sooner than usual.
      nextDueAtMs = next <= now ? now + BUSY_LOOK_MS : next;
    }
    if (now - ownersCheckedAtMs < OWNER_CHECK_MS) return;
    ownersCheckedAtMs = now;
    parts.checkOwners();
  }

  return {
    start() {
      if (cancel !== undefined || closed) return;
      nextDueAtMs = parts.nextDueAtMs();
      arm();
    },
    expectAt(atMs) {
      if (atMs >= nextDueAtMs) return;
      nextDueAtMs = atMs;
      if (cancel === undefined) return;
      cancel();
      arm();
    },
    close() {
      closed = true;
      cancel?.();
    },
  };
}
