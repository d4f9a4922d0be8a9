/** How the store reaches its table: one item, one transaction, and what to do when two writers meet. */
import { CellarError, type OutgoingMessage, type Runtime } from 'cellar';
import { AwsCallError, type AwsCalls, type AwsOperations, type Item, type TransactWriteItem } from 'cellar/aws';
import type { Outgoing } from '../../store.ts';

/** What a store on DynamoDB works with. */
export interface TableAccess {
  readonly calls: Pick<AwsCalls, 'call'>;
  readonly table: string;
  readonly runtime: Runtime;
  /** Composes messages without sending them; each has its id and can travel as JSON. */
  readonly prepare: (outgoing: readonly Outgoing[]) => readonly OutgoingMessage[];
}

/** What a transaction came to: written, or nothing was because a condition did not hold. */
export type Written = 'written' | 'condition-failed';

/** Writers that meet go on one after the other; with this many tries fifty at once get through. */
const MAX_TRIES = 40;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/** Why DynamoDB cancels a transaction that may succeed when tried again (TransactWriteItems, "CancellationReasons"). */
const PASSING_REASONS: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

/** One item, as written last. */
export async function readItem({ calls, table }: TableAccess, key: Item): Promise<Item | undefined> {
  const input = { TableName: table, Key: key, ConsistentRead: true };
  return (await told(() => calls.call('dynamodb:GetItem', input))).Item;
}

/** All items that a query finds, page by page. */
export async function queryAll(
  { calls, table }: Pick<TableAccess, 'calls' | 'table'>,
  query: Omit<AwsOperations['dynamodb:Query']['input'], 'TableName' | 'ExclusiveStartKey'>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let after: Item | undefined;
  do {
    const input = { TableName: table, ...query, ...(after === undefined ? undefined : { ExclusiveStartKey: after }) };
    const answer = await told(() => calls.call('dynamodb:Query', input));
    items.push(...(answer.Items ?? []));
    after = answer.LastEvaluatedKey;
  } while (after !== undefined);
  return items;
}

/**
 * Writes all items or none. A conflict with another writer is tried again, with growing random pauses.
 * @throws CellarError `store-unavailable`
 */
export async function writeTogether(access: TableAccess, items: readonly TransactWriteItem[]): Promise<Written> {
  // One token for all tries: where only the answer got lost, the next try does not fail on its own write.
  const input = { TransactItems: items, ClientRequestToken: access.runtime.newId() };
  for (let tries = 1; ; tries++) {
    try {
      await access.calls.call('dynamodb:TransactWriteItems', input);
      return 'written';
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error;
      if (error.reasons.some(({ code }) => code === 'ConditionalCheckFailed')) return 'condition-failed';
      if (tries === MAX_TRIES || !isConflict(error)) throw shopFault(error);
      await pause(access, tries);
    }
  }
}

/** Waits a random time before the next try; longer after more of them. */
export function pause({ runtime }: Pick<TableAccess, 'runtime'>, tries: number): Promise<void> {
  const mostMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10));
  return new Promise((resolve) => runtime.clock.setTimer(runtime.random() * mostMs, resolve));
}

/**
 * Makes a call and names its fault as the shop knows it.
 * @throws CellarError `store-unavailable` for what may pass; AwsCallError for the rest
 */
export async function told<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw shopFault(error);
  }
}

function isConflict({ awsCode, reasons }: AwsCallError): boolean {
  if (awsCode === 'TransactionCanceledException') return reasons.some(({ code }) => PASSING_REASONS.has(code));
  return awsCode === 'TransactionInProgressException';
}

function shopFault(error: unknown): unknown {
  if (!(error instanceof AwsCallError) || !(error.isPassing || isConflict(error))) return error;
  return new CellarError('store-unavailable', `the shop's table did not take a call: ${error.message}`, {
    cause: error,
  });
}
