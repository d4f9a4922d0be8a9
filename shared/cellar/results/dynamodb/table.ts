import type { AttributeValue, AwsCalls, AwsOperations, Item } from '../../aws/calls.ts';
import { AwsCallError } from '../../aws/calls.ts';
import { type Runtime, sleep } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { sideBySide } from './side-by-side.ts';

type Calls = Pick<AwsOperations, 'dynamodb:GetItem' | 'dynamodb:PutItem' | 'dynamodb:UpdateItem' | 'dynamodb:Query'>;
type InputOf<Operation extends keyof Calls> = Omit<Calls[Operation]['input'], 'TableName'>;

/** The one table of results, with AWS's faults in the library's words: each method throws CellarError `store-unavailable`. */
export interface Table {
  get(pk: string): Promise<Item | undefined>;
  /** What exists of these items, in any order, up to date. */
  getAll(pks: readonly string[]): Promise<readonly Item[]>;
  put(item: Item): Promise<void>;
  /** What it answers by `ReturnValues`; where its condition does not hold, the refusal, with the item as it is. */
  update(pk: string, update: Omit<InputOf<'dynamodb:UpdateItem'>, 'Key'>): Promise<Updated>;
  query(query: InputOf<'dynamodb:Query'>): Promise<Calls['dynamodb:Query']['output']>;
}

export type Updated =
  | { readonly isRefused: false; readonly attributes: Item }
  | { readonly isRefused: true; readonly item: Item };

export interface TableParts {
  readonly calls: AwsCalls;
  readonly table: string;
  readonly runtime: Runtime;
}

/** Keys in one BatchGetItem (DynamoDB API reference). */
const KEYS_A_CALL = 100;
/** Calls side by side. */
const SIDE_BY_SIDE = 16;
/** Pause before keys are asked for again that DynamoDB left unanswered, in ms, and how often that is done. */
const PAUSE_MS = 50;
const MOST_TRIES = 6;

export function openTable({ calls, table, runtime }: TableParts): Table {
  async function getSome(pks: readonly string[]): Promise<readonly Item[]> {
    const items: Item[] = [];
    let keys: readonly Item[] = pks.map((pk) => ({ pk: { S: pk } }));
    for (let tries = 1; keys.length > 0; tries++) {
      const input = { RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } };
      const { Responses, UnprocessedKeys } = await calls.call('dynamodb:BatchGetItem', input).catch(refuse);
      items.push(...(Responses?.[table] ?? []));
      keys = UnprocessedKeys?.[table]?.Keys ?? [];
      if (keys.length === 0) break;
      if (tries === MOST_TRIES) {
        throw new CellarError('store-unavailable', `${keys.length} results were not read: DynamoDB is throttling`);
      }
      await sleep(runtime.clock, PAUSE_MS * 2 ** tries * runtime.random());
    }
    return items;
  }

  return {
    async get(pk) {
      const input = { TableName: table, Key: { pk: { S: pk } }, ConsistentRead: true };
      return (await calls.call('dynamodb:GetItem', input).catch(refuse)).Item;
    },
    async getAll(pks) {
      const all = [...new Set(pks)];
      const starts = Array.from({ length: Math.ceil(all.length / KEYS_A_CALL) }, (_, index) => index * KEYS_A_CALL);
      const answers = await sideBySide(starts, SIDE_BY_SIDE, (from) => getSome(all.slice(from, from + KEYS_A_CALL)));
      return answers.flat();
    },
    async put(item) {
      await calls.call('dynamodb:PutItem', { TableName: table, Item: item }).catch(refuse);
    },
    async update(pk, update) {
      try {
        const input = { TableName: table, Key: { pk: { S: pk } }, ...update };
        return { isRefused: false, attributes: (await calls.call('dynamodb:UpdateItem', input)).Attributes ?? {} };
      } catch (error) {
        if (!isRefusal(error)) return refuse(error);
        return { isRefused: true, item: error.item ?? {} };
      }
    },
    query: async (query) => await calls.call('dynamodb:Query', { TableName: table, ...query }).catch(refuse),
  };
}

function isRefusal(error: unknown): error is AwsCallError {
  return error instanceof AwsCallError && error.awsCode === 'ConditionalCheckFailedException';
}

/** DynamoDB's sentence for an item above 400 KB. */
const TOO_LARGE = /item size/i;

function refuse(error: unknown): never {
  if (!(error instanceof AwsCallError)) throw error;
  const isTooLarge = error.awsCode === 'ValidationException' && TOO_LARGE.test(error.message);
  throw new CellarError(isTooLarge ? 'message-too-large' : 'store-unavailable', error.message, { cause: error });
}

export function textOf(value: AttributeValue | undefined): string {
  return value !== undefined && 'S' in value ? value.S : '';
}

export function numberOf(value: AttributeValue | undefined): number {
  return value !== undefined && 'N' in value ? Number(value.N) : Number.NaN;
}

export function numeric(value: number): AttributeValue {
  return { N: String(value) };
}

/**
 * How much longer an item is kept than anything in it counts, in seconds: what has run out is not read, so that the
 * deletion need only never be too early, and a claim's lease may be longer than results are kept.
 */
const GRACE_SECONDS = 86_400;

/** The attribute by which DynamoDB deletes what counted until then (ms since the epoch). */
export function timeToLive(untilMs: number): AttributeValue {
  return numeric(Math.ceil(untilMs / 1000) + GRACE_SECONDS);
}
