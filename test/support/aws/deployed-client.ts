/** A client of a deployed shop, as a process outside Lambda opens it. */
import process from 'node:process';
import { Cellar, lineLogger, loadSettings, systemRuntime } from 'cellar';
import { shopTopology } from '../../../shared/shop/topology.ts';
import type { DeployedShop } from './deployed-shop.ts';

export function openClientOf({ endpoint, outputs }: DeployedShop): Promise<Cellar> {
  const settings = loadSettings({ CELLAR_BROKER_URL: outputs.BrokerUrl, AWS_ENDPOINT_URL: endpoint });
  const log = lineLogger({ level: 'warn', clock: systemRuntime.clock, write: (line) => process.stderr.write(line) });
  return Cellar.open({ settings, topology: shopTopology, log });
}

/** The prefix of all its names, `wine-shop-dev`: the last part of the broker's URL. */
export function prefixOf({ outputs }: DeployedShop): string {
  return outputs.BrokerUrl?.split('/').at(-1) ?? '';
}
