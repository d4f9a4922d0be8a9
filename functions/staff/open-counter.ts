/** What staff work with: the store of a shop on this machine or on AWS. */
import { Cellar, loadSettings, type Settings, systemRuntime } from 'cellar';
import { parseAwsUrl } from 'cellar/aws';
import type { ProductStore } from '../../shared/shop/product-store.ts';
import type { TableAccess } from '../../shared/shop/stores/dynamo/access.ts';
import { shopTableName } from '../../shared/shop/stores/dynamo/table.ts';
import { openDynamoStore } from '../../shared/shop/stores/dynamo.ts';
import { shopTopology } from '../../shared/shop/topology.ts';
import { openStore } from '../backing/any-store.ts';
import { awsCalls } from '../backing/aws-calls.ts';
import type { Environment } from '../lambda-handler.ts';

export interface Counter {
  readonly products: ProductStore;
  /** The shop's table; absent where tasks leave with their order, without an outbox. */
  readonly table?: TableAccess;
  close(): Promise<void>;
}

/**
 * Opens the store beside the broker that the environment names; on AWS the table of that deployment, or `SHOP_TABLE`.
 * @throws CellarError `bad-settings`, `not-supported`
 */
export async function openCounter(environment: Environment): Promise<Counter> {
  const settings = loadSettings({ CELLAR_DURABILITY: 'power', ...environment });
  return settings.brokerUrl.startsWith('sqs:') ? onAws(settings, environment) : onThisMachine(settings);
}

function onAws(settings: Settings, { SHOP_TABLE }: Environment): Counter {
  const calls = awsCalls({ settings, runtime: systemRuntime });
  const table = SHOP_TABLE || shopTableName(parseAwsUrl(settings.brokerUrl, settings.awsEndpointUrl).prefix);
  const access = { calls, table, runtime: systemRuntime, prepare: () => [] };
  return { products: openDynamoStore(access), table: access, close: async () => calls.close() };
}

async function onThisMachine(settings: Settings): Promise<Counter> {
  const cellar = await Cellar.open({ settings, topology: shopTopology });
  const store = await openStore(cellar, { aws: undefined });
  return {
    products: store,
    async close() {
      await store.close();
      await cellar.close();
    },
  };
}
