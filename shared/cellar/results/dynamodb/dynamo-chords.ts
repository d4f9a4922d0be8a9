import { CHORD_KEPT_MS, type ChordState, type ChordStore } from '../../chord-store.ts';
import type { Clock } from '../../clock.ts';
import { sideBySide } from './side-by-side.ts';
import { type Table, timeToLive } from './table.ts';

/**
 * Parts of one item. An item takes about 1,000 writes a second and 400 KB (DynamoDB developer guide, quotas), so that a
 * large chord is spread over several.
 */
const PARTS_A_SHARD = 256;
const SIDE_BY_SIDE = 16;

/**
 * Sets of pending parts, 256 a shard, below a set of pending shards: an empty set is no attribute. Whoever empties a shard,
 * or finds it empty on a repetition, takes it from the root.
 */
export function dynamoChords(table: Table, clock: Clock): ChordStore {
  async function put(pk: string, pending: readonly string[]): Promise<void> {
    await table.update(pk, {
      UpdateExpression: 'SET #pending = :pending, #ttl = :ttl',
      ConditionExpression: 'attribute_not_exists(pk)',
      ExpressionAttributeNames: { '#pending': 'pending', '#ttl': 'ttl' },
      ExpressionAttributeValues: {
        ':pending': { SS: pending },
        ':ttl': timeToLive(clock.now() + CHORD_KEPT_MS),
      },
    });
  }

  async function take(pk: string, name: number): Promise<ChordState> {
    const taken = await table.update(pk, {
      UpdateExpression: 'DELETE #pending :one',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#pending': 'pending' },
      ExpressionAttributeValues: { ':one': { SS: [String(name)] } },
      ReturnValues: 'ALL_NEW',
    });
    if (taken.isRefused) return 'unknown';
    return taken.attributes['pending'] === undefined ? 'complete' : 'pending';
  }

  return {
    async open(chordId, size) {
      const shards = Array.from({ length: Math.ceil(size / PARTS_A_SHARD) }, (_, shard) => shard);
      await sideBySide(shards, SIDE_BY_SIDE, (shard) => put(shardKey(chordId, shard), partsOf(shard, size)));
      // Last: what has a root is whole.
      await put(rootKey(chordId), shards.map(String));
    },
    async ended(chordId, part) {
      const shard = Math.floor(part / PARTS_A_SHARD);
      const state = await take(shardKey(chordId, shard), part);
      return state === 'complete' ? await take(rootKey(chordId), shard) : state;
    },
  };
}

function rootKey(chordId: string): string {
  return `chord#${chordId}`;
}

function shardKey(chordId: string, shard: number): string {
  return `chord#${chordId}#${shard}`;
}

function partsOf(shard: number, size: number): readonly string[] {
  const first = shard * PARTS_A_SHARD;
  return Array.from({ length: Math.min(PARTS_A_SHARD, size - first) }, (_, index) => String(first + index));
}
