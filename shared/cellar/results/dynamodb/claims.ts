/** Claims of runs of tasks marked `once`, in the item of the task's result: one conditional write each, no reading. */
import type { Item } from '../../aws/calls.ts';
import type { Clock } from '../../clock.ts';
import { isOutcomeOf } from '../../result-precedence.ts';
import type { Claim, ResultStore } from '../../result-store.ts';
import { lastExpiredAt, OPEN_RANK, resultOf, taskKey } from './result-item.ts';
import { numberOf, numeric, type Table, timeToLive } from './table.ts';

type Key = Parameters<ResultStore['claim']>[0];

export interface ClaimParts {
  readonly table: Table;
  readonly clock: Clock;
  readonly expiresSeconds: number;
}

const CLAIM_NAMES = {
  '#owner': 'owner',
  '#until': 'until',
  '#claimGeneration': 'claimGeneration',
  '#claimRetries': 'claimRetries',
} as const;
const NAMES = {
  ...CLAIM_NAMES,
  '#at': 'at',
  '#rank': 'rank',
  '#state': 'state',
  '#generation': 'generation',
  '#retries': 'retries',
  '#ttl': 'ttl',
} as const;

/** `isOutcomeOf` of result-precedence.ts. */
const HAS_OUTCOME = `#generation > :generation OR (#generation = :generation AND #retries > :retries) OR
  (#generation = :generation AND #retries = :retries AND (#rank < :open OR #state = :retry))`;
/** An earlier attempt's claim does not stand in the way of a later one: that one was sent when the earlier had ended. */
const IS_FREE = `attribute_not_exists(#owner) OR #owner = :owner OR #until <= :now OR
  #claimGeneration < :generation OR (#claimGeneration = :generation AND #claimRetries < :retries)`;
const MAY_CLAIM = `(attribute_not_exists(#at) OR #at <= :oldest OR NOT (${HAS_OUTCOME})) AND (${IS_FREE})`;
const CLAIM =
  'SET #owner = :owner, #until = :until, #claimGeneration = :generation, #claimRetries = :retries, #ttl = :ttl';

export async function claim(
  { table, clock, expiresSeconds }: ClaimParts,
  key: Key,
  { owner, leaseSeconds }: { readonly owner: string; readonly leaseSeconds: number },
): Promise<Claim> {
  const nowMs = clock.now();
  const untilMs = nowMs + leaseSeconds * 1000;
  const oldest = lastExpiredAt(nowMs, expiresSeconds);
  const updated = await table.update(taskKey(key.id), {
    UpdateExpression: CLAIM,
    ConditionExpression: MAY_CLAIM,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':owner': { S: owner },
      ':until': numeric(untilMs),
      ':generation': numeric(key.generation),
      ':retries': numeric(key.retries),
      ':ttl': timeToLive(Math.max(untilMs, nowMs + expiresSeconds * 1000)),
      ':now': numeric(nowMs),
      ':oldest': numeric(oldest),
      ':open': numeric(OPEN_RANK),
      ':retry': { S: 'RETRY' },
    },
  });
  return updated.isRefused ? refusalOf(updated.item, key, oldest) : { kind: 'claimed' };
}

function refusalOf(item: Item, key: Key, oldest: number): Claim {
  const result = resultOf(item, oldest);
  if (result !== undefined && isOutcomeOf(result, key)) return { kind: 'done', result };
  return { kind: 'running', untilMs: numberOf(item['until']) };
}

/** Gives up one claim, if this owner still holds it. */
export async function unclaim({ table }: ClaimParts, key: Key, owner: string): Promise<void> {
  await table.update(taskKey(key.id), {
    UpdateExpression: `REMOVE ${Object.keys(CLAIM_NAMES).join(', ')}`,
    ConditionExpression: '#owner = :owner AND #claimGeneration = :generation AND #claimRetries = :retries',
    ExpressionAttributeNames: CLAIM_NAMES,
    ExpressionAttributeValues: {
      ':owner': { S: owner },
      ':generation': numeric(key.generation),
      ':retries': numeric(key.retries),
    },
  });
}
