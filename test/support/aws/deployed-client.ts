/** Clients of a deployed shop, as a process outside Lambda opens them. */
import process from 'node:process';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { Cellar, lineLogger, loadSettings, systemRuntime } from 'cellar';
import { shopTopology } from '../../../shared/shop/topology.ts';
import type { DeployedShop } from './deployed-shop.ts';
import { EMULATED_ACCOUNT, EMULATED_REGION } from './emulator.ts';

/** What all names of the dev stage begin with. */
export const PREFIX = 'wine-shop-dev';

export function openClientOf({ endpoint }: DeployedShop): Promise<Cellar> {
  const brokerUrl = `sqs://${EMULATED_REGION}/${EMULATED_ACCOUNT}/${PREFIX}`;
  const settings = loadSettings({ CELLAR_BROKER_URL: brokerUrl, AWS_ENDPOINT_URL: endpoint });
  const log = lineLogger({ level: 'warn', clock: systemRuntime.clock, write: (line) => process.stderr.write(line) });
  return Cellar.open({ settings, topology: shopTopology, log });
}

export function openSchedulerOf({ endpoint }: DeployedShop): SchedulerClient {
  return new SchedulerClient({ endpoint, region: EMULATED_REGION });
}

/** The names of all its schedules. */
export async function schedulesOf(shop: DeployedShop): Promise<readonly string[]> {
  const scheduler = openSchedulerOf(shop);
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ GroupName: PREFIX }));
  scheduler.destroy();
  return Schedules.map(({ Name = '' }) => Name);
}
