/** What `cdk deploy` made of every function, under AWS's own runtime client for Node, with what it was deployed with. */
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Cellar } from 'cellar';
import { awsNames } from '../../shared/cellar/aws/location.ts';
import { outboxItem } from '../../shared/shop/stores/dynamo/outbox.ts';
import { shopTableName } from '../../shared/shop/stores/dynamo/table.ts';
import { dailySales } from '../../shared/shop/tasks.ts';
import { openClientOf, PREFIX } from '../support/aws/deployed-client.ts';
import { type DeployedShop, deployShop } from '../support/aws/deployed-shop.ts';
import { type EmulatedFunctions, emulatedFunctions } from '../support/aws/emulated-functions.ts';
import { EMULATED_ACCOUNT, EMULATED_REGION, hasEmulator } from '../support/aws/emulator.ts';
import { hasLambdaRuntime, startLambdaProcess } from '../support/aws/lambda-process.ts';
import { unzipped } from '../support/aws/unzip.ts';

jest.setTimeout(60_000);
const DEPLOY_TIMEOUT_MS = 180_000;
const AMPLE_MS = 20_000;
const SHORT_MS = 1_000;

/** An event of API Gateway's HTTP API (payload 2.0), as much of it as the functions read. */
const httpEvent = (path: string) => ({
  version: '2.0',
  rawPath: path,
  rawQueryString: '',
  headers: { host: 'a.execute-api.us-east-1.amazonaws.com', accept: 'application/json' },
  requestContext: { domainName: 'a', http: { method: 'GET', path, sourceIp: '192.0.2.1' }, stage: '$default' },
  isBase64Encoded: false,
});

const sqsEvent = (queue: string, body: string) => ({
  Records: [
    {
      messageId: 'a',
      receiptHandle: 'a',
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        MessageGroupId: 'a',
        MessageDeduplicationId: 'a',
      },
      eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:wine-shop-dev-${queue}`,
    },
  ],
});

/** A message that is none is dead-lettered. */
const badMessage = (queue: string) => sqsEvent(`${queue}.fifo`, 'not a message');

/** A message whose time has come. */
const dueMessage = JSON.stringify({
  body: '[[], {}, {}]',
  headers: {},
  properties: { cellar: { queue: 'mail', dueAtMs: 0 } },
});

const outboxRow = (cellar: Cellar) => ({
  eventName: 'INSERT',
  dynamodb: {
    SequenceNumber: '1',
    NewImage: outboxItem({
      orderId: 1,
      write: 'placed',
      messages: cellar.prepare(({ send }) => void send(dailySales({}))),
      nowMs: 0,
    }),
  },
});

const LOCATION = { prefix: PREFIX, account: EMULATED_ACCOUNT, region: EMULATED_REGION };

const NOTHING_FAILED = { batchItemFailures: [] };

/** Of CloudFormation, for a custom resource; it takes the answer at the URL. */
const resourceEvent =
  (RequestType: 'Create' | 'Delete', ResourceProperties: object) => (_cellar: Cellar, url: string) => ({
    ...{ RequestType, ResourceProperties, ResponseURL: url },
    ...{ StackId: 'stack', RequestId: 'request', LogicalResourceId: 'resource' },
  });

/** Of each function: an event for which it calls AWS, and what it answers. */
const EVENTS: Readonly<Record<string, readonly [event: (cellar: Cellar, url: string) => object, answer: unknown]>> = {
  api: [() => httpEvent('/api/orders/1'), expect.objectContaining({ statusCode: 404 })],
  beat: [() => ({ schedule: 'daily-sales', scheduledTime: '2026-11-25T05:00:00Z' }), null],
  dashboard: [() => httpEvent('/api/queues'), expect.objectContaining({ statusCode: 401 })],
  'empty-storage': [resourceEvent('Delete', { bucket: awsNames.payloadsBucket(LOCATION) }), null],
  forwarder: [() => sqsEvent('delay', dueMessage), NOTHING_FAILED],
  outbox: [(cellar) => ({ Records: [outboxRow(cellar)] }), NOTHING_FAILED],
  pages: [() => httpEvent('/'), expect.objectContaining({ statusCode: 200 })],
  seed: [resourceEvent('Create', { table: shopTableName(PREFIX) }), null],
  'worker-invoices': [() => badMessage('invoices'), NOTHING_FAILED],
  'worker-mail': [() => badMessage('mail'), NOTHING_FAILED],
  'worker-recommender': [() => badMessage('recommender'), NOTHING_FAILED],
  'worker-reports': [() => badMessage('reports'), NOTHING_FAILED],
};

/** The pages are in the bundle: their function calls nobody. */
const callsAws = (name: string) => name !== 'pages';
/** Those of custom resources are told in their events what they work on. */
const readsSettings = (name: string) => callsAws(name) && !['empty-storage', 'seed'].includes(name);

const names = Object.keys(EVENTS);

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const canRun = hasEmulator('ministack') && hasLambdaRuntime();

(canRun ? describe : describe.skip)("bundles under AWS's runtime client", () => {
  let shop: DeployedShop;
  let cellar: Cellar;
  let functions: EmulatedFunctions;
  let silent: Server;
  let cloudFormation: Server;
  const told: string[] = [];
  const folders = new Map<string, string>();

  beforeAll(async () => {
    silent = createServer(() => undefined).listen(0, '127.0.0.1'); // takes requests and never answers
    cloudFormation = createServer(async (request, response) => {
      told.push(await text(request));
      response.end();
    }).listen(0, '127.0.0.1');
    shop = await deployShop();
    cellar = await openClientOf(shop);
    functions = emulatedFunctions(shop.endpoint);
    for (const name of names) folders.set(name, await unzipped(await functions.code(`wine-shop-dev-${name}`)));
  }, DEPLOY_TIMEOUT_MS);
  afterAll(async () => {
    silent.closeAllConnections();
    silent.close();
    cloudFormation.close();
    for (const folder of folders.values()) await rm(folder, { recursive: true });
    await cellar?.close();
    await shop?.stop();
  });

  /** Hands the function its event, in the environment that it was deployed with and this. */
  async function run(name: string, more: Readonly<Record<string, string>> = {}, timeoutMs = AMPLE_MS) {
    const environment = { ...(await functions.environment(`wine-shop-dev-${name}`)), AWS_ENDPOINT_URL: shop.endpoint };
    const lambda = await startLambdaProcess(folders.get(name) ?? '', { ...environment, ...more });
    const outcome = await lambda.invoke(EVENTS[name]?.[0](cellar, urlOf(cloudFormation)), timeoutMs);
    const wasRunning = lambda.isRunning();
    await lambda.stop();
    return { outcome, wasRunning };
  }

  it('are those of all functions that were deployed', async () => {
    expect(await functions.names()).toEqual(names.map((name) => `wine-shop-dev-${name}`));
  });

  it.each(Object.entries(EVENTS))('%s loads and answers an event', async (name, [, answer]) => {
    const { outcome, wasRunning } = await run(name);
    expect(outcome).toEqual({ kind: 'answered', value: answer });
    expect(wasRunning).toBe(true); // for the next event
  });

  it.each(['empty-storage', 'seed'])('%s tells CloudFormation that it did its work', async (name) => {
    told.length = 0;
    await run(name);
    expect(told.map((body) => JSON.parse(body))).toMatchObject([{ Status: 'SUCCESS', RequestId: 'request' }]);
  });

  it.each(names.filter(readsSettings))('%s reports an error', async (name) => {
    const { outcome } = await run(name, { CELLAR_BROKER_URL: 'sqs://nowhere' });
    const errorMessage = expect.stringContaining("the broker URL is 'sqs://nowhere'");
    expect(outcome).toEqual({ kind: 'failed', errorType: 'CellarError', errorMessage });
  });

  it.each(names.filter(callsAws))('%s is ended when its time is over', async (name) => {
    const { outcome, wasRunning } = await run(name, { AWS_ENDPOINT_URL: urlOf(silent) }, SHORT_MS);
    expect([outcome, wasRunning]).toEqual([{ kind: 'timed-out' }, false]);
  });
});
