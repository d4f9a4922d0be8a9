/** What `cdk` synthesizes: the whole shop on AWS. Prints what it costs when nobody buys, and per million tasks. */
import process from 'node:process';
import { App } from 'aws-cdk-lib';
import { CellarError } from 'cellar';
import { costsText } from './print-costs.ts';
import { makeShopSystem } from './shop-system.ts';

try {
  const { application } = await makeShopSystem(new App());
  process.stderr.write(costsText(application));
} catch (error) {
  if (!(error instanceof CellarError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
