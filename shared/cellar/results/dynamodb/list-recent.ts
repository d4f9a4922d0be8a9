/** Lists results newest first: the index says which, the table what they are now. */
import type { Item } from '../../aws/calls.ts';
import type { ResultListOptions, StoredResult } from '../../result-store.ts';
import { bucketsOf, dayOf } from './buckets.ts';
import { resultOf } from './result-item.ts';
import { resultsTable } from './results-table.ts';
import { numberOf, numeric, type Table, textOf } from './table.ts';

/** Entries of the index read in one query where a filter may drop most of them. */
const ENTRIES_A_PAGE = 500;
/** Queries of one listing at most: it looks at no more than the newest 100,000 results, however rare what is asked for. */
const MOST_PAGES = 200;

const FILTERS = ['state', 'task', 'queue'] as const;

interface Listing {
  readonly options: ResultListOptions;
  /** Results that changed no later than this have expired (µs). */
  readonly oldest: number;
  pagesLeft: number;
}

/** Reads one day after the other until there are enough; the index lags by some milliseconds. */
export async function listRecent(
  table: Table,
  options: ResultListOptions,
  { nowMs, oldest }: { readonly nowMs: number; readonly oldest: number },
): Promise<readonly StoredResult[]> {
  const listing: Listing = { options, oldest, pagesLeft: MOST_PAGES };
  const found: StoredResult[] = [];
  const firstDay = dayOf(oldest / 1000);
  for (let day = dayOf(nowMs); day >= firstDay && found.length < options.limit && listing.pagesLeft > 0; day--) {
    found.push(...(await listDay(table, { day, wanted: options.limit - found.length }, listing)));
  }
  return found;
}

async function listDay(
  table: Table,
  { day, wanted }: { readonly day: number; readonly wanted: number },
  listing: Listing,
): Promise<readonly StoredResult[]> {
  const { options, oldest } = listing;
  const buckets = bucketsOf(day, options.state);
  const entries = (await Promise.all(buckets.map((bucket) => newestOf(table, { bucket, wanted }, listing)))).flat();
  const newest = entries.toSorted(byLastChange).slice(0, wanted);
  const items = await table.getAll(newest.map(({ pk }) => textOf(pk)));
  // What has changed since it was listed may not be what is asked for any more.
  return items.toSorted(byLastChange).flatMap((item) => {
    const result = resultOf(item, oldest);
    return result === undefined || !isAsked(result, options) ? [] : [result];
  });
}

/** The newest entries of one partition. */
async function newestOf(
  table: Table,
  { bucket, wanted }: { readonly bucket: string; readonly wanted: number },
  listing: Listing,
): Promise<readonly Item[]> {
  const { options, oldest } = listing;
  const filters = FILTERS.filter((name) => options[name] !== undefined);
  const names = Object.fromEntries(['bucket', 'at', ...filters].map((name) => [`#${name}`, name]));
  const values = Object.fromEntries(filters.map((name) => [`:${name}`, { S: options[name] ?? '' }]));
  const found: Item[] = [];
  let start: Item | undefined;
  do {
    listing.pagesLeft--;
    const page = await table.query({
      IndexName: resultsTable.index.name,
      KeyConditionExpression: '#bucket = :bucket AND #at > :oldest',
      ...(filters.length === 0 ? {} : { FilterExpression: filters.map((name) => `#${name} = :${name}`).join(' AND ') }),
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: { ...values, ':bucket': { S: bucket }, ':oldest': numeric(oldest) },
      ScanIndexForward: false,
      Limit: filters.length === 0 ? wanted : Math.max(wanted, ENTRIES_A_PAGE),
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
    found.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined && found.length < wanted && listing.pagesLeft > 0);
  return found;
}

function byLastChange(left: Item, right: Item): number {
  return numberOf(right['at']) - numberOf(left['at']);
}

function isAsked(result: StoredResult, options: ResultListOptions): boolean {
  return FILTERS.every((name) => options[name] === undefined || options[name] === result[name]);
}
