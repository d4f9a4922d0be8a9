/** Rows of the outbox that cannot be published wait in a partition of their own, until a person publishes them again. */
import type { AttributeValue, Item } from 'cellar/aws';
import { queryAll, type TableAccess, writeTogether } from './access.ts';
import { textOf } from './order-items.ts';
import { OUTBOX_DAYS } from './table.ts';

const SET_ASIDE = 'set-aside';

export interface SetAsideRow {
  /** Which order and write, such as `order#42 outbox#placed`. */
  readonly name: string;
  readonly problem: string;
  readonly since: Date;
}

type Writing = Pick<TableAccess, 'calls' | 'table'> & { readonly runtime: Pick<TableAccess['runtime'], 'clock'> };

/** Keeps a row with its problem; a repeat replaces what was kept. */
export async function setAside({ calls, table, runtime }: Writing, row: Item, problem: string): Promise<void> {
  const since = new Date(runtime.clock.now()).toISOString();
  const kept = { row: { M: row }, problem: { S: problem }, since: { S: since } };
  await calls.call('dynamodb:PutItem', { TableName: table, Item: { ...keyOf(nameOf(row)), ...kept } });
}

/** What waits for a person, in the order of names. */
export async function rowsSetAside(access: Pick<TableAccess, 'calls' | 'table'>): Promise<readonly SetAsideRow[]> {
  return (await keptItems(access)).map(({ sk, problem, since }) => ({
    name: textOf(sk),
    problem: textOf(problem),
    since: new Date(textOf(since)),
  }));
}

/**
 * Writes each row that was set aside as a new row of the outbox, from which the table's stream publishes it under the ids
 * of its messages; answers the names. One that still cannot be published is set aside again.
 */
export async function publishAgain(access: TableAccess): Promise<readonly string[]> {
  const items = await keptItems(access);
  for (const { sk, since, row } of items) await giveBack(access, { name: textOf(sk), since: textOf(since), row });
  return items.map(({ sk }) => textOf(sk));
}

interface Kept {
  readonly name: string;
  readonly since: string;
  readonly row: AttributeValue | undefined;
}

async function giveBack(access: TableAccess, { name, since, row }: Kept): Promise<void> {
  if (row === undefined || !('M' in row))
    throw new Error(`the row ${name} holds no row, allowed: one that was set aside`);
  const [pk = '', sk = ''] = name.split(' ');
  const ttl = Math.floor(access.runtime.clock.now() / 1000) + OUTBOX_DAYS * 86_400;
  const again = { ...row.M, pk: { S: pk }, sk: { S: `${sk}@${Date.parse(since)}` }, ttl: { N: `${ttl}` } };
  // Whoever asks at the same time: the row comes back once for each time that it was set aside.
  await writeTogether(access, [
    { Put: { TableName: access.table, Item: again, ConditionExpression: 'attribute_not_exists(pk)' } },
    { Delete: { TableName: access.table, Key: keyOf(name) } },
  ]);
}

function keptItems(access: Pick<TableAccess, 'calls' | 'table'>): Promise<readonly Item[]> {
  return queryAll(access, {
    KeyConditionExpression: 'pk = :aside',
    ExpressionAttributeValues: { ':aside': { S: SET_ASIDE } },
    ConsistentRead: true,
  });
}

function keyOf(name: string): Item {
  return { pk: { S: SET_ASIDE }, sk: { S: name } };
}

/** The same for a row and for the one that was published again in its place. */
function nameOf(row: Item): string {
  const [write] = textOf(row['sk']).split('@');
  return `${textOf(row['pk'])} ${write}`;
}
