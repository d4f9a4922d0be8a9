import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { queuesOnly } from './topologies.ts';

const topology = queuesOnly('mail');

export const revocations: Topic = {
  name: 'revoked tasks',
  behaviours: (it) => {
    it('what was revoked is told, and nothing else', { on: topology }, async ({ backend: { results } }) => {
      expect([...(await results.revoked(['a', 'b']))]).toEqual([]);
      await results.revoke(['a', 'c']);
      await results.revoke(['a']);
      expect([...(await results.revoked(['a', 'b', 'c']))].toSorted()).toEqual(['a', 'c']);
    });

    it('a revocation is remembered as long as results are', {
      on: topology,
      opened: { resultExpiresSeconds: 8 },
    }, async (harness) => {
      const { results } = harness.backend;
      await results.revoke(['a']);
      expect([...(await results.revoked(['a']))]).toEqual(['a']);
      await harness.passMs(results.expiresSeconds * 1000 + 100);
      expect([...(await results.revoked(['a']))]).toEqual([]);
    });
  },
};
