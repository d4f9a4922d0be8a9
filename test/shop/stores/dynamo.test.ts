import { randomUUID } from 'node:crypto';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, type OutgoingMessage, systemRuntime } from 'cellar';
import type { AwsCalls } from 'cellar/aws';
import { sendAll } from '../../../shared/shop/send-all.ts';
import type { Outgoing, ShopStore } from '../../../shared/shop/store.ts';
import { outboxMessages } from '../../../shared/shop/stores/dynamo/outbox.ts';
import { openDynamoStore } from '../../../shared/shop/stores/dynamo.ts';
import { orderCreated } from '../../../shared/shop/tasks.ts';
import { shopTopology } from '../../../shared/shop/topology.ts';
import { EMULATED_REGION, hasEmulator } from '../../support/aws/emulator.ts';
import { type EmulatedAws, startEmulatedAws } from '../emulated-aws.ts';
import { productStoreContract } from '../product-store-contract.ts';
import { sampleDraft } from '../sample-order.ts';
import { type SentByStore, type StoreHarness, storeContract } from '../store-contract.ts';
import { makeShopTable } from './make-shop-table.ts';

const WRITERS = 50;
const withMinistack = hasEmulator('ministack') ? describe : describe.skip;

withMinistack('on ministack', () => {
  let aws: EmulatedAws;
  let cellar: Cellar;

  beforeAll(async () => {
    aws = await startEmulatedAws();
    const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_LOG_LEVEL: 'error' });
    cellar = await Cellar.open({ settings, topology: shopTopology });
  });
  afterAll(async () => {
    await cellar?.close();
    await aws?.stop();
  });

  const prepare = (outgoing: readonly Outgoing[]): readonly OutgoingMessage[] =>
    cellar.prepare((write) => sendAll(write, outgoing));

  function openOn(table: string, through: Pick<AwsCalls, 'call'> = aws.calls): ShopStore {
    return openDynamoStore({ calls: through, table, runtime: systemRuntime, prepare });
  }

  async function newTable(): Promise<string> {
    const table = `shop-${randomUUID()}`;
    await makeShopTable(aws.endpoint, table);
    return table;
  }

  async function openHarness(): Promise<StoreHarness> {
    const table = await newTable();
    let dying = false;
    const mortal: Pick<AwsCalls, 'call'> = {
      async call(operation, input, options) {
        if (dying && operation === 'dynamodb:TransactWriteItems') {
          dying = false;
          throw new Error('died before the commit');
        }
        return aws.calls.call(operation, input, options);
      },
    };
    return {
      store: openOn(table, mortal),
      openAnother: async () => openOn(table),
      sent: () => rowsOf(aws.endpoint, table),
      dieBeforeCommit() {
        dying = true;
      },
      close: async () => undefined,
    };
  }

  storeContract('DynamoDB', openHarness);
  productStoreContract('DynamoDB', openHarness);

  describe('the store on DynamoDB', () => {
    it(`places ${WRITERS} orders at once, each under an id of its own`, async () => {
      const store = openOn(await newTable());
      const started = performance.now();
      const outcomes = await Promise.all(
        Array.from({ length: WRITERS }, (_, index) =>
          store.placeOrder(sampleDraft(), { key: `k${index}`, requestHash: 'h' }, ({ id }) => [
            { signature: orderCreated({ orderId: id }) },
          ]),
        ),
      );
      const ms = Math.round(performance.now() - started);
      process.stdout.write(`${WRITERS} orders by ${WRITERS} writers at once on ministack: ${ms} ms\n`);
      const ids = outcomes.map((outcome) => ('placed' in outcome ? outcome.placed.id : 0));
      expect(ids.toSorted((one, other) => one - other)).toEqual(
        Array.from({ length: WRITERS }, (_, index) => index + 1),
      );
    });

    it('keeps the messages of a write, ids and all, in its row', async () => {
      const table = await newTable();
      const store = openOn(table);
      const outgoing: Outgoing[] = [{ signature: orderCreated({ orderId: 1 }), options: { messageGroup: 'order-1' } }];
      await store.placeOrder(sampleDraft(), { key: 'k', requestHash: 'h' }, () => outgoing);
      const key = { pk: { S: 'order#1' }, sk: { S: 'outbox#placed' } };
      const read = async () => {
        const { Item = {} } = await aws.calls.call('dynamodb:GetItem', { TableName: table, Key: key });
        return outboxMessages(Item);
      };
      const [first] = await read();
      expect(first).toMatchObject({
        routingKey: 'mail',
        messageGroup: 'order-1',
        headers: { id: first?.correlationId },
      });
      expect(await read()).toEqual([first]);
      expect(outboxMessages({ pk: { S: 'order#1' }, sk: { S: 'order' } })).toEqual([]);
    });
  });
});

/** What the outbox rows of a table hold, by order, what it was placed with first. */
async function rowsOf(endpoint: string, table: string): Promise<readonly SentByStore[]> {
  const client = new DynamoDBClient({ endpoint, region: EMULATED_REGION });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  client.destroy();
  const rows = Items.filter(({ sk }) => sk?.S?.startsWith('outbox#')).map(({ pk, sk, messages }) => ({
    orderId: Number(pk?.S?.split('#')[1]),
    isPaid: sk?.S === 'outbox#paid',
    messages: JSON.parse(messages?.S ?? '[]') as OutgoingMessage[],
  }));
  rows.sort((one, other) => one.orderId - other.orderId || Number(one.isPaid) - Number(other.isPaid));
  return rows.flatMap(({ messages }) =>
    messages.map(({ headers, body, exchange }) => ({
      task: String(headers.task),
      args: JSON.parse(String(body))[0],
      ...(exchange === '' ? undefined : { exchange }),
    })),
  );
}
