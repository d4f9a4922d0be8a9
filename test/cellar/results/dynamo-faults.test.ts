/** What DynamoDB does under load, which no emulator does: keys left unanswered, throttling. */
import { describe, expect, it } from '@jest/globals';
import { AwsCallError, type AwsCalls, type AwsOperations } from '../../../shared/cellar/aws/calls.ts';
import { openDynamoResults } from '../../../shared/cellar/results/dynamodb/open-dynamo-results.ts';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';

type Read = AwsOperations['dynamodb:BatchGetItem'];
type ReadAnswer = (input: Read['input']) => Read['output'];

/** A store whose reads are answered by `read`; other calls are not foreseen. */
function open(read: ReadAnswer) {
  const clock = manualClock();
  const calls = {
    call: async (_operation: string, input: Read['input']) => read(input),
    close: () => undefined,
  } as unknown as AwsCalls;
  return { clock, ...openDynamoResults({ calls, table: 't', runtime: manualRuntime(clock), expiresSeconds: 600 }) };
}

const throttled = () => {
  throw new AwsCallError('dynamodb:BatchGetItem', {
    awsCode: 'ThrottlingException',
    message: 'slow down',
    status: 400,
  });
};

describe('DynamoDB under load', () => {
  it('is asked again for the keys that it left unanswered', async () => {
    const asked: number[] = [];
    const { results, clock } = open(({ RequestItems }) => {
      const keys = RequestItems['t']?.Keys ?? [];
      asked.push(keys.length);
      const until = { N: String(clock.now() + 60_000) };
      return {
        Responses: { t: keys.slice(0, 2).map(({ pk }) => ({ pk: pk ?? { S: '' }, until })) },
        UnprocessedKeys: keys.length > 2 ? { t: { Keys: keys.slice(2) } } : {},
      };
    });
    const revoked = results.revoked(['a', 'b', 'c', 'd', 'e']);
    await clock.advance(10_000);
    expect([...(await revoked)]).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(asked).toEqual([5, 3, 1]);
  });

  it('that never answers some keys is a fault', async () => {
    const { results, clock } = open(({ RequestItems }) => ({
      UnprocessedKeys: { t: { Keys: RequestItems['t']?.Keys ?? [] } },
    }));
    const revoked = results.revoked(['a']);
    revoked.catch(() => undefined); // expected below
    await clock.advance(60_000);
    await expect(revoked).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('does not end a wait that it throttles for a while', async () => {
    let looks = 0;
    const { results, clock } = open(() => {
      looks++;
      if (looks === 2 || looks === 3) throttled();
      const item = {
        pk: { S: 'task#a' },
        at: { N: String(clock.now() * 1000) },
        state: { S: 'SUCCESS' },
        details: { S: '{"result":"7"}' },
      };
      return looks < 4 ? {} : { Responses: { t: [item] } };
    });
    const waited = results.wait('a', { timeoutMs: 10_000 });
    await clock.advance(2_000);
    expect(await waited).toMatchObject({ id: 'a', state: 'SUCCESS', result: '7' });
    expect(looks).toBe(4);
  });

  it('that throttles until the time of a wait is over is the reason why nothing came', async () => {
    let looks = 0;
    const { results, clock } = open(() => (++looks === 1 ? {} : throttled()));
    const waited = results.wait('a', { timeoutMs: 1_000 });
    waited.catch(() => undefined); // expected below
    await clock.advance(2_000);
    await expect(waited).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('slow down'),
    });
  });

  it('is looked at ever more seldom while one waits, and soon again when another joins', async () => {
    const looks: number[] = [];
    const { results, clock } = open(() => {
      looks.push(clock.now());
      return {};
    });
    const first = results.wait('a', { timeoutMs: 20_000 });
    await clock.advance(10_000);
    const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    expect(pauses.slice(0, 3)).toEqual([50, 75, 112.5]);
    expect(Math.max(...pauses)).toBe(1_000);
    const second = results.wait('b', { timeoutMs: 1_000 });
    const before = looks.length;
    await clock.advance(50);
    expect(looks.length - before).toBe(1); // for both
    await clock.advance(20_000);
    expect(await Promise.all([first, second])).toEqual([undefined, undefined]);
  });
});
