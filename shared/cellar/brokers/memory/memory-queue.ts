import type { WireMessage } from '../../broker.ts';
import { nextGeneration } from '../next-generation.ts';
import type { DeadEntry, Entry } from './entry.ts';
import { MessageGroups } from './message-groups.ts';
import { MinHeap } from './min-heap.ts';

/** A message that comes in. */
export interface Incoming {
  readonly message: WireMessage;
  readonly messageGroup: string | undefined;
  readonly dueAtMs: number | undefined;
}

interface Due {
  readonly atMs: number;
  readonly entry: Entry;
}

/** The messages of one queue and the rules of their order; without waiting and without a clock. */
export class MemoryQueue {
  readonly name: string;
  visibilityMs = 0;
  readonly entries = new Set<Entry>();
  readonly dead = new Set<DeadEntry>();
  readonly sizes = { ready: 0, blocked: 0, inFlight: 0, delayed: 0, gone: 0 };
  readonly #ready = new MinHeap<Entry>((left, right) => left.seq < right.seq);
  readonly #delayed = new MinHeap<Due>(isDueBefore);
  readonly #groups = new MessageGroups();
  readonly #receipts = new Map<string, Entry>();
  #lastSeq = 0;
  #lastReceipt = 0;
  /** No receipt runs out before this time. */
  #receiptsHoldUntilMs = Number.POSITIVE_INFINITY;

  constructor(name: string) {
    this.name = name;
  }

  add({ message, messageGroup, dueAtMs }: Incoming, nowMs: number): void {
    const entry: Entry = {
      seq: ++this.#lastSeq,
      message,
      messageGroup,
      place: 'gone',
      arrived: false,
      enqueuedAtMs: nowMs,
      deliveries: 0,
      receipt: '',
      untilMs: 0,
    };
    this.entries.add(entry);
    if (dueAtMs === undefined || dueAtMs <= nowMs) this.#arrive(entry);
    else this.#delay(entry, dueAtMs);
  }

  /** Takes the first `max` ready messages. */
  claim(max: number, nowMs: number): readonly Entry[] {
    this.moveDue(nowMs);
    const claimed: Entry[] = [];
    while (claimed.length < max) {
      const entry = this.#ready.pop();
      if (entry === undefined) break;
      if (entry.place === 'ready') claimed.push(this.#hand(entry, nowMs + this.visibilityMs));
    }
    return claimed;
  }

  /** The message of a receipt that still holds: until another delivery takes the message. */
  held(receipt: string): Entry | undefined {
    return this.#receipts.get(receipt);
  }

  remove(entry: Entry): void {
    this.#receipts.delete(entry.receipt);
    this.entries.delete(entry);
    this.#move(entry, 'gone');
    const next = this.#groups.leave(entry);
    if (next !== undefined) this.#move(next, 'ready');
  }

  bury(entry: Entry, reason: string, nowMs: number): void {
    this.remove(entry);
    this.dead.add({ entry, reason, diedAtMs: nowMs });
  }

  /** Gives it back in its place, not counted as a delivery. */
  release(entry: Entry, visibleAtMs: number, nowMs: number): void {
    this.#receipts.delete(entry.receipt);
    entry.deliveries--;
    if (visibleAtMs > nowMs) this.#delay(entry, visibleAtMs);
    else this.#move(entry, 'ready');
  }

  extend(entry: Entry, untilMs: number): void {
    entry.untilMs = untilMs;
    this.#receiptsHoldUntilMs = Math.min(this.#receiptsHoldUntilMs, untilMs);
    if (entry.place !== 'inFlight') this.#move(entry, 'inFlight');
  }

  /** Makes ready whatever is due, in the order of its due times. */
  moveDue(nowMs: number): void {
    for (let due = this.#nextDelayed(); due !== undefined && due.atMs <= nowMs; due = this.#nextDelayed()) {
      this.#delayed.pop();
      if (due.entry.arrived) this.#move(due.entry, 'ready');
      else this.#arrive(due.entry, due.atMs);
    }
    if (this.#receiptsHoldUntilMs <= nowMs) this.#moveRunOut(nowMs);
  }

  /** When the next message may be due; Infinity when none is. */
  nextDueAtMs(): number {
    return Math.min(this.#nextDelayed()?.atMs ?? Number.POSITIVE_INFINITY, this.#receiptsHoldUntilMs);
  }

  purge(): number {
    const purged = [...this.entries].filter(({ place }) => place !== 'inFlight');
    for (const entry of purged) this.remove(entry);
    return purged.length;
  }

  redrive(limit: number, nowMs: number): number {
    const chosen = [...this.dead].slice(0, limit);
    for (const one of chosen) {
      const { message, messageGroup } = one.entry;
      this.dead.delete(one);
      this.add({ message: nextGeneration(message), messageGroup, dueAtMs: undefined }, nowMs);
    }
    return chosen.length;
  }

  /** Deletes the message of a task that waits for its time. */
  cancelDelayed(taskId: string): Entry | undefined {
    const found = this.entries
      .values()
      .find(({ place, arrived, message }) => place === 'delayed' && !arrived && message.correlationId === taskId);
    if (found !== undefined) this.remove(found);
    return found;
  }

  #arrive(entry: Entry, atMs = entry.enqueuedAtMs): void {
    entry.enqueuedAtMs = atMs;
    this.#move(entry, this.#groups.join(entry) ? 'ready' : 'blocked');
  }

  #delay(entry: Entry, untilMs: number): void {
    entry.untilMs = untilMs;
    this.#move(entry, 'delayed');
    this.#delayed.push({ atMs: untilMs, entry });
  }

  #hand(entry: Entry, untilMs: number): Entry {
    this.#receipts.delete(entry.receipt);
    entry.receipt = String(++this.#lastReceipt);
    entry.deliveries++;
    this.#receipts.set(entry.receipt, entry);
    this.#move(entry, 'inFlight');
    this.extend(entry, untilMs);
    return entry;
  }

  #move(entry: Entry, place: Entry['place']): void {
    this.sizes[entry.place]--;
    this.sizes[place]++;
    entry.place = place;
    if (place === 'ready') this.#ready.push(entry);
  }

  #moveRunOut(nowMs: number): void {
    const inFlight = [...this.#receipts.values()].filter(({ place }) => place === 'inFlight');
    for (const entry of inFlight) if (entry.untilMs <= nowMs) this.#move(entry, 'ready');
    const left = inFlight.filter(({ place }) => place === 'inFlight').map(({ untilMs }) => untilMs);
    this.#receiptsHoldUntilMs = left.reduce((least, untilMs) => Math.min(least, untilMs), Number.POSITIVE_INFINITY);
  }

  /** The first delayed message that still is: cancelled ones are dropped here. */
  #nextDelayed(): Due | undefined {
    for (;;) {
      const due = this.#delayed.peek();
      if (due === undefined || (due.entry.place === 'delayed' && due.entry.untilMs === due.atMs)) return due;
      this.#delayed.pop();
    }
  }
}

function isDueBefore(left: Due, right: Due): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.entry.seq < right.entry.seq);
}
