/**
 * The outbox's Lambda function: reads the stream of the shop's table, and publishes the messages of its new rows. A row
 * that cannot be published is set aside and counted.
 */
import process from 'node:process';
import { openClient, openOnce, outboxStreamHandler } from 'cellar/lambda';
import { outboxMessages } from '../../shared/shop/stores/dynamo/outbox.ts';
import { setAside } from '../../shared/shop/stores/dynamo/set-aside.ts';
import { shopTopology } from '../../shared/shop/topology.ts';
import { awsCalls } from '../backing/aws-calls.ts';
import { loadShopSettings, placesOnAws } from '../shop-settings.ts';
import { countSetAside } from './count-set-aside.ts';

const client = openOnce(() => openClient({ topology: shopTopology }));

export const handler = outboxStreamHandler(client, outboxMessages, {
  async setAside(row, problem) {
    const opened = await client();
    const { settings, runtime } = opened;
    const { table } = placesOnAws(loadShopSettings(process.env, settings));
    await setAside({ calls: awsCalls(opened), table, runtime }, row, problem);
    countSetAside({ table, problem, nowMs: runtime.clock.now() });
  },
});
