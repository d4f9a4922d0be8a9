/** The whole shop on ministack, in this process: what a deployment makes, made by hand, and the stream played by the test. */

import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type BoundHandler, Cellar, loadSettings, systemRuntime } from 'cellar';
import { type Item, openAwsCalls } from 'cellar/aws';
import type { StreamEvent } from 'cellar/lambda';
import { seedProducts } from '../../../shared/shop/seed.ts';
import { addMissing } from '../../../shared/shop/stores/dynamo/products.ts';
import { shopTopology } from '../../../shared/shop/topology.ts';
import { makeShopTable } from '../../shop/stores/make-shop-table.ts';
import { EMULATED_ACCOUNT, EMULATED_REGION, startEmulator } from '../../support/aws/emulator.ts';

export const WEBHOOK_SECRET = 'whsec_emulated';
export const DASHBOARD_PASSWORD = 'correct horse battery staple';
const TABLE = 'wine-shop-test-shop';
const BUCKET = 'wine-shop-test-files';

export interface EmulatedShop {
  readonly endpoint: string;
  /** What a deployment puts into every function's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** A client whose queues and topics are there; runs handlers where it gets some. */
  open(handlers?: readonly BoundHandler[]): Promise<Cellar>;
  /** The outbox rows that were written since the last time, as an event of the table's stream. */
  newRows(): Promise<StreamEvent>;
  /** Subjects of the mails that SES took. */
  subjects(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export async function startEmulatedShop(): Promise<EmulatedShop> {
  const { endpoint, stop } = await startEmulator('ministack');
  await makeShopTable(endpoint, TABLE);
  await seed(endpoint);
  await makeBucket(endpoint);
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    CELLAR_BROKER_URL: `sqs://${EMULATED_REGION}/${EMULATED_ACCOUNT}/wine-shop-test`,
    CELLAR_LOG_LEVEL: 'error',
    SHOP_TABLE: TABLE,
    SHOP_FILES_BUCKET: BUCKET,
    SHOP_MAIL_FROM: 'wine@example.com',
    SHOP_WEBHOOK_SECRET_ID: await makeSecret(endpoint, 'webhook', WEBHOOK_SECRET),
    CELLAR_DASHBOARD_SECRET_ID: await makeSecret(endpoint, 'dashboard', DASHBOARD_PASSWORD),
  };
  const known = new Set<string>();
  return {
    endpoint,
    environment,
    open(handlers = []) {
      const { CELLAR_DASHBOARD_SECRET_ID: _, ...others } = environment;
      const settings = loadSettings({ ...others, CELLAR_BROKER_URL: `${others.CELLAR_BROKER_URL}?create=true` });
      return Cellar.open({ settings, topology: shopTopology, handlers });
    },
    newRows: () => rowsOf(endpoint, known),
    async subjects() {
      const answer = await fetch(`${endpoint}/_ministack/ses/messages`);
      const { messages = {} } = JSON.parse(await answer.text());
      return (messages[EMULATED_ACCOUNT] ?? []).map(({ Subject }: { readonly Subject: string }) => Subject);
    },
    stop,
  };
}

async function seed(endpoint: string): Promise<void> {
  const location = { region: EMULATED_REGION, account: EMULATED_ACCOUNT, prefix: 'wine-shop-test', endpoint };
  const calls = openAwsCalls(location, systemRuntime);
  await addMissing({ calls, table: TABLE }, seedProducts());
  calls.close();
}

async function makeBucket(endpoint: string): Promise<void> {
  const client = new S3Client({ endpoint, region: EMULATED_REGION, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
}

/** By hand: of Secrets Manager no SDK is installed. The emulator checks no signature. */
async function makeSecret(endpoint: string, name: string, text: string): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.CreateSecret',
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${EMULATED_REGION}/secretsmanager/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify({ Name: name, SecretString: text }),
  });
  if (!answer.ok) throw new Error(`the emulator made no secret: ${answer.status} ${await answer.text()}`);
  return JSON.parse(await answer.text()).ARN;
}

async function rowsOf(endpoint: string, known: Set<string>): Promise<StreamEvent> {
  const client = new DynamoDBClient({ endpoint, region: EMULATED_REGION });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: TABLE, ConsistentRead: true }));
  client.destroy();
  const keyOf = ({ pk, sk }: (typeof Items)[number]) => `${pk?.S} ${sk?.S}`;
  const rows = Items.filter((item) => item.sk?.S?.startsWith('outbox#') && !known.has(keyOf(item)));
  for (const row of rows) known.add(keyOf(row));
  return {
    Records: rows.map((row) => ({
      eventName: 'INSERT',
      dynamodb: { SequenceNumber: keyOf(row), NewImage: row as Item },
    })),
  };
}
