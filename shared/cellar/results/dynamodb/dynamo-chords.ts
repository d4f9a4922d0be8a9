import type { AttributeValue, Item } from '../../aws/calls.ts';
import { CHORD_KEPT_MS, type ChordPart, type ChordStore } from '../../chord-store.ts';
import type { Clock } from '../../clock.ts';
import { encodeException, NamedException } from '../../exception.ts';
import { chordPartId } from '../../ids.ts';
import type { ResultStore } from '../../result-store.ts';
import { sideBySide } from './side-by-side.ts';
import { numberOf, numeric, type Table, textOf, timeToLive } from './table.ts';

/**
 * Parts of one item. An item takes about 1,000 writes a second and 400 KB (DynamoDB developer guide, quotas), so that a
 * large chord is spread over several.
 */
const PARTS_A_SHARD = 256;
const SIDE_BY_SIDE = 16;
/** How long a chord whose body was sent is remembered, in ms: what is said again to its parts is then `unknown`. */
const FORGOTTEN_MS = 86_400_000;

/**
 * Sets of pending parts, 256 a shard, below a set of pending shards: an empty set is no attribute. Whoever empties a shard,
 * or finds it empty on a repetition, takes it from the root. The results of parts are read where they are stored, so that
 * `ended` costs the same for each; a part's id is kept only where it is not the usual one (`chordPartId`).
 */
export function dynamoChords(table: Table, clock: Clock, readResults: ResultStore['get']): ChordStore {
  async function put(pk: string, pending: readonly string[], size: number): Promise<void> {
    await table.update(pk, {
      UpdateExpression: 'SET #pending = :pending, #size = :size, #ttl = :ttl',
      ConditionExpression: 'attribute_not_exists(pk)',
      ExpressionAttributeNames: { '#pending': 'pending', '#size': 'size', '#ttl': 'ttl' },
      ExpressionAttributeValues: {
        ':pending': { SS: pending },
        ':size': numeric(size),
        ':ttl': timeToLive(clock.now() + CHORD_KEPT_MS),
      },
    });
  }

  /** The item without `name`; `undefined` where there is none. */
  async function take(pk: string, name: number, idOfPart?: string): Promise<Item | undefined> {
    const names: Record<string, string> = { '#pending': 'pending' };
    const values: Record<string, AttributeValue> = { ':one': { SS: [String(name)] } };
    if (idOfPart !== undefined) {
      names['#id'] = idAttribute(name);
      values[':id'] = { S: idOfPart };
    }
    const taken = await table.update(pk, {
      UpdateExpression: `${idOfPart === undefined ? '' : 'SET #id = :id '}DELETE #pending :one`,
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValues: 'ALL_NEW',
    });
    return taken.isRefused ? undefined : taken.attributes;
  }

  async function partsOf(chordId: string, size: number): Promise<readonly ChordPart[]> {
    const shards = shardsOf(size).map((shard) => shardKey(chordId, shard));
    const items = new Map((await table.getAll(shards)).map((item) => [textOf(item['pk']), item]));
    const ids = Array.from({ length: size }, (_, index) => {
      const other = textOf(items.get(shardKey(chordId, shardOf(index)))?.[idAttribute(index)]);
      return other === '' ? chordPartId(chordId, index) : other;
    });
    const results = await readResults(ids);
    return ids.map((taskId, index) => {
      const { state, result } = results[index] ?? { state: 'FAILURE', result: goneResult() };
      return { index, taskId, state, result };
    });
  }

  return {
    async open(chordId, size) {
      const shards = shardsOf(size);
      await sideBySide(shards, SIDE_BY_SIDE, (shard) => put(shardKey(chordId, shard), partsIn(shard, size), size));
      // Last: what has a root is whole.
      await put(rootKey(chordId), shards.map(String), size);
    },
    async ended(chordId, { index, taskId }) {
      const shard = shardOf(index);
      const otherId = taskId === chordPartId(chordId, index) ? undefined : taskId;
      const parts = await take(shardKey(chordId, shard), index, otherId);
      if (parts === undefined) return { kind: 'unknown' };
      if (parts['pending'] !== undefined) return { kind: 'pending' };
      const root = await take(rootKey(chordId), shard);
      if (root === undefined || root['forgotten'] !== undefined) return { kind: 'unknown' };
      if (root['pending'] !== undefined) return { kind: 'pending' };
      return { kind: 'complete', parts: await partsOf(chordId, numberOf(root['size'])) };
    },
    async forget(chordId) {
      await table.update(rootKey(chordId), {
        UpdateExpression: 'SET #forgotten = :yes, #ttl = :ttl',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#forgotten': 'forgotten', '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':yes': { BOOL: true }, ':ttl': timeToLive(clock.now() + FORGOTTEN_MS) },
      });
    },
  };
}

/** Of a part that ended so long ago that its result is not kept any more. */
function goneResult(): string {
  return encodeException(new NamedException('KeyError', 'its result has expired'));
}

function rootKey(chordId: string): string {
  return `chord#${chordId}`;
}

function shardKey(chordId: string, shard: number): string {
  return `chord#${chordId}#${shard}`;
}

function idAttribute(index: number): string {
  return `id${index}`;
}

function shardOf(index: number): number {
  return Math.floor(index / PARTS_A_SHARD);
}

function shardsOf(size: number): readonly number[] {
  return Array.from({ length: Math.ceil(size / PARTS_A_SHARD) }, (_, shard) => shard);
}

function partsIn(shard: number, size: number): readonly string[] {
  const first = shard * PARTS_A_SHARD;
  return Array.from({ length: Math.min(PARTS_A_SHARD, size - first) }, (_, index) => String(first + index));
}
