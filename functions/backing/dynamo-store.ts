import type { Preparer } from 'cellar/lambda';
import { sendAll } from '../../shared/shop/send-all.ts';
import type { ShopStore } from '../../shared/shop/store.ts';
import { openDynamoStore } from '../../shared/shop/stores/dynamo.ts';
import { placesOnAws, type ShopSettings } from '../shop-settings.ts';
import { awsCalls } from './aws-calls.ts';

/** Opens the store on DynamoDB: tasks leave as rows of its outbox, in the transaction of the order. */
export async function openStore(cellar: Preparer, settings: Pick<ShopSettings, 'aws'>): Promise<ShopStore> {
  return openDynamoStore({
    calls: awsCalls(cellar),
    table: placesOnAws(settings).table,
    runtime: cellar.runtime,
    prepare: (outgoing) => cellar.prepare((write) => sendAll(write, outgoing)),
  });
}
