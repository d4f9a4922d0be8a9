import { describe, expect, it } from '@jest/globals';
import {
  at,
  Cellar,
  CellarError,
  crontab,
  every,
  loadSettings,
  type Schedule,
  startBeat,
  task,
  topology,
} from 'cellar';
import fc from 'fast-check';
import type { Backend } from '../../shared/cellar/backend.ts';
import { openMemory } from '../../shared/cellar/brokers/memory/open-memory.ts';
import { latestDue } from '../../shared/cellar/schedule/beat.ts';
import { nextDue } from '../../shared/cellar/schedule/next.ts';
import { type ManualClock, manualClock, manualRuntime } from '../support/manual-clock.ts';
import { collectingLog } from './worker/rig.ts';

const tick = task('tests.tick', { params: {}, queue: 'ticks' });
const START = Date.UTC(2026, 0, 1, 12, 0, 0);

async function open(schedules: Readonly<Record<string, Schedule>>, clock: ManualClock = manualClock(START)) {
  const runtime = manualRuntime(clock);
  const memory = await openMemory({ runtime });
  const { log, logged } = collectingLog();
  const declared = topology({
    queues: { ticks: {} },
    schedules: Object.fromEntries(
      Object.entries(schedules).map(([name, schedule]) => [name, { schedule, task: tick() }]),
    ),
  });
  const backend: Backend = { ...memory, schedules: { ...memory.schedules } };
  const cellar = await Cellar.open({ settings: loadSettings({}), topology: declared, runtime, log, backend });
  /** Takes what was sent since the last look: when it came and under which id, by the second of the clock. */
  async function fired(): Promise<readonly { second: number; id: string; group: string | undefined }[]> {
    const deliveries = await memory.broker.receive('ticks', { maxMessages: 100, waitMs: 0 });
    await memory.broker.settle(deliveries.map((delivery) => ({ delivery, publish: [], disposition: { kind: 'ack' } })));
    return deliveries.map(({ enqueuedAtMs, message, messageGroup }) => ({
      second: (enqueuedAtMs - START) / 1000,
      id: message.correlationId,
      group: messageGroup,
    }));
  }
  /** Lets time pass, and takes what came; one of a message group can be taken at a time. */
  async function pass(seconds: number): Promise<readonly number[]> {
    const all: number[] = [];
    for (let passed = 0; passed < seconds; passed++) {
      await clock.advance(1000);
      all.push(...(await fired()).map(({ second }) => second));
    }
    return all;
  }
  return { cellar, clock, backend, logged, fired, pass };
}

describe('beat', () => {
  it('sends each firing at its time, never early', async () => {
    const { cellar, pass } = await open({ fast: every('10s') });
    const beat = startBeat(cellar);
    expect(await pass(35)).toEqual([10, 20, 30]);
    await beat.stop();
    expect(await pass(35)).toEqual([]);
  });

  it('sends nothing early when it looks for another reason', async () => {
    const { cellar, fired, clock } = await open({ fast: every('10s'), once: at(new Date(START + 9_700)) });
    const beat = startBeat(cellar);
    await clock.advance(9_999);
    expect((await fired()).map(({ group }) => group)).toEqual(['beat:once']);
    await clock.advance(1);
    expect((await fired()).map(({ group }) => group)).toEqual(['beat:fast']);
    await beat.stop();
  });

  it('sends schedules of different kinds', async () => {
    const { cellar, fired, clock } = await open({
      minute: crontab({ minute: '*/2' }),
      day: crontab({ minute: 3, hour: 12 }),
      once: at(new Date(START + 90_000)),
    });
    const beat = startBeat(cellar);
    await clock.advance(200_000);
    const groups = (await fired()).map(({ second, group }) => `${second} ${group}`);
    expect(groups).toEqual(['90 beat:once', '120 beat:minute', '180 beat:day']);
    await beat.stop();
  });

  it('sends each firing once though two beats run on one store', async () => {
    const { cellar, pass } = await open({ fast: every('10s') });
    const beats = [startBeat(cellar), startBeat(cellar)];
    expect(await pass(60)).toEqual([10, 20, 30, 40, 50, 60]);
    await Promise.all(beats.map((beat) => beat.stop()));
  });

  it('gives each firing an id of its own, the same from every beat', async () => {
    const ids: string[][] = [];
    for (let run = 0; run < 2; run++) {
      const { cellar, clock, fired } = await open({ fast: every('10s') });
      const beat = startBeat(cellar);
      const seen: string[] = [];
      for (let firing = 0; firing < 3; firing++) {
        await clock.advance(10_000);
        seen.push(...(await fired()).map(({ id }) => id));
      }
      ids.push(seen);
      await beat.stop();
    }
    expect(new Set(ids[0]).size).toBe(3);
    expect(ids[1]).toEqual(ids[0]);
  });

  it('sends what was missed once at the start, with the time of the last', async () => {
    const { cellar, clock, pass, fired } = await open({ fast: every('10s') });
    const first = startBeat(cellar);
    expect(await pass(10)).toEqual([10]);
    await first.stop();
    await clock.advance(3_600_000);
    const second = startBeat(cellar);
    await clock.settle();
    expect(await fired()).toHaveLength(1);
    expect(await pass(10)).toEqual([3620]);
    await second.stop();
  });

  it('sends nothing for the time before it first saw a schedule', async () => {
    const { cellar, clock, fired } = await open({
      daily: crontab({ hour: 7, minute: 0 }),
      past: at(new Date(START - 1)),
    });
    const beat = startBeat(cellar);
    await clock.advance(60_000);
    expect(await fired()).toEqual([]);
    await beat.stop();
  });

  it('sends again what was sent and not noted, and the broker drops it', async () => {
    const { cellar, backend, pass, logged } = await open({ fast: every('10s') });
    const { advance } = backend.schedules;
    const beat = startBeat(cellar);
    await pass(5);
    backend.schedules.advance = () => Promise.reject(new CellarError('store-unavailable', 'the store is away'));
    expect(await pass(9)).toEqual([10]);
    expect(logged.length).toBeGreaterThan(2);
    backend.schedules.advance = advance;
    expect(await pass(20)).toEqual([20, 30]);
    await beat.stop();
  });

  it('goes on when the store is back', async () => {
    const { cellar, backend, pass } = await open({ fast: every('10s') });
    const { lastFired } = backend.schedules;
    const beat = startBeat(cellar);
    expect(await pass(10)).toEqual([10]);
    backend.schedules.lastFired = () => Promise.reject(new Error('away'));
    expect(await pass(15)).toEqual([]);
    backend.schedules.lastFired = lastFired;
    expect(await pass(15)).toEqual([26, 30, 40]);
    await beat.stop();
  });

  it('does not let a schedule that cannot be sent hold up another', async () => {
    const clock = manualClock(START);
    const backend = await openMemory({ runtime: manualRuntime(clock) });
    const { log, logged } = collectingLog();
    const cellar = await Cellar.open({
      settings: loadSettings({}),
      backend,
      runtime: manualRuntime(clock),
      log,
      topology: topology({
        queues: { ticks: {} },
        schedules: {
          bad: { schedule: every('10s'), task: tick({}, { priority: 9 }) },
          good: { schedule: every('10s'), task: tick() },
        },
      }),
    });
    const beat = startBeat(cellar);
    await clock.advance(10_000);
    expect((await backend.admin.counts(['ticks']))[0]?.ready).toBe(1);
    expect(logged[0]).toContain('priority 9');
    await beat.stop();
  });

  it('takes a schedule with a very long name', async () => {
    const { cellar, pass } = await open({ ['long'.repeat(100)]: every('10s') });
    const beat = startBeat(cellar);
    expect(await pass(10)).toEqual([10]);
    await beat.stop();
  });

  it('of a topology without schedules does nothing', async () => {
    const { cellar, pass } = await open({});
    const beat = startBeat(cellar);
    expect(await pass(5)).toEqual([]);
    await beat.stop();
  });
});

describe('latestDue', () => {
  it('is the last of all due times since, as stepping through them says', () => {
    const schedule = fc.oneof(
      fc.integer({ min: 1, max: 5000 }).map((seconds) => every(`${seconds}s`)),
      fc.constantFrom(
        crontab({}),
        crontab({ minute: '*/7' }),
        crontab({ minute: 5, hour: 3 }),
        crontab({ minute: 0, hour: 0, dayOfWeek: 'mon' }),
      ),
      fc.integer({ min: -1000, max: 1000 }).map((minutes) => at(new Date(START + minutes * 60_000))),
    );
    fc.assert(
      fc.property(schedule, fc.integer({ min: 0, max: 10 * 86_400_000 }), (rule, agoMs) => {
        let expected: number | undefined;
        const after = START - agoMs;
        // Frequent rules are stepped through near the end only: what is due there decides.
        const from = rule.kind === 'every' ? Math.max(after, START - 3 * rule.periodMs) : after;
        for (let due = nextDue(rule, from); due !== undefined && due <= START; due = nextDue(rule, due)) expected = due;
        expect(latestDue(rule, after, START)).toBe(expected);
      }),
      { seed: 20_261_123, numRuns: 60 },
    );
  });
});
