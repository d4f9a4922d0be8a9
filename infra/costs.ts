/** `node infra/costs.ts [--json]`: what the system costs on AWS, idle and per million tasks. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { App } from 'aws-cdk-lib';
import { readDeployment } from './deployment.ts';
import { costsOf, costsText } from './print-costs.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const { application } = await readDeployment(new App().node);
process.stdout.write(values.json ? `${JSON.stringify(costsOf(application), null, 2)}\n` : costsText(application));
