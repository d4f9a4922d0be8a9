/** The outbox's Lambda function: reads the stream of the shop's table, and publishes the messages of its new rows. */
import { openClient, outboxStreamHandler } from 'cellar/lambda';
import { outboxMessages } from '../../shared/shop/stores/dynamo/outbox.ts';
import { shopTopology } from '../../shared/shop/topology.ts';

export const handler = outboxStreamHandler(() => openClient({ topology: shopTopology }), outboxMessages);
