import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { queuesOnly } from './topologies.ts';

const topology = queuesOnly('mail');

export const schedules: Topic = {
  name: 'schedules',
  behaviours: (it) => {
    it('the due time last fired is remembered by name', { on: topology }, async ({ backend: { schedules } }) => {
      expect([...(await schedules.lastFired())]).toEqual([]);
      expect(await schedules.advance('nightly', undefined, 1000)).toBe(true);
      expect(await schedules.advance('hourly', undefined, 500)).toBe(true);
      expect(await schedules.advance('nightly', 1000, 2000)).toBe(true);
      expect(await schedules.lastFired()).toEqual(
        new Map([
          ['nightly', 2000],
          ['hourly', 500],
        ]),
      );
    });

    it('of two who advance the same schedule one is first', { on: topology }, async ({ backend: { schedules } }) => {
      const both = await Promise.all([
        schedules.advance('nightly', undefined, 1000),
        schedules.advance('nightly', undefined, 1000),
      ]);
      expect(both.toSorted()).toEqual([false, true]);
      expect(await schedules.advance('nightly', 999, 3000)).toBe(false);
      expect(await schedules.advance('nightly', undefined, 3000)).toBe(false);
      expect(await schedules.lastFired()).toEqual(new Map([['nightly', 1000]]));
    });
  },
};
