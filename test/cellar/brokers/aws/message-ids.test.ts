import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { askedGroup, fittingId, groupIdOf } from '../../../../shared/cellar/brokers/aws/message-ids.ts';

describe('ids on AWS', () => {
  it('leaves alone what AWS takes, and hashes the rest to something it takes, one to one', () => {
    expect(fittingId('order-42:1/2')).toBe('order-42:1/2');
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(fittingId(one)).toMatch(/^[\x21-\x7e]{1,128}$/);
        if (one !== other) expect(fittingId(one)).not.toBe(fittingId(other));
      }),
    );
    expect(fittingId('x'.repeat(129))).toMatch(/^[0-9a-f]{64}$/);
    expect(fittingId('Château 1')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('takes the message group, else the deduplication id, else the task id', () => {
    expect(groupIdOf({ messageGroup: 'g', deduplicationId: 'd', correlationId: 'c' })).toBe('g');
    expect(groupIdOf({ deduplicationId: 'd', correlationId: 'c' })).toBe('d');
    expect(groupIdOf({ correlationId: 'c' })).toBe('c');
  });

  it.each([
    ['asked for', { messageGroup: 'Château', correlationId: 'c' }, 'Château'],
    ['derived from a deduplication id', { deduplicationId: 'd', correlationId: 'c' }, undefined],
    ['derived from the task id', { correlationId: 'c' }, undefined],
  ])('a group that was %s is told from what SQS delivers', (_how, source, wanted) => {
    expect(askedGroup(source, groupIdOf(source))).toBe(wanted);
  });

  it('a group of a foreign sender is its own', () => {
    expect(askedGroup({ correlationId: 'c' }, 'theirs')).toBe('theirs');
    expect(askedGroup({ correlationId: 'c' }, undefined)).toBeUndefined();
  });
});
