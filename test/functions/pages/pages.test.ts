import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LambdaEvent } from 'hono/aws-lambda';
import { handler as servePage } from '../../../functions/pages/handler.ts';
import { handler as upload } from '../../../functions/pages/upload.ts';
import { webFiles } from '../../../web/files.ts';
import { EMULATED_REGION, type Emulator, hasEmulator, startEmulator } from '../../support/aws/emulator.ts';
import { toldBy } from '../cloudformation.ts';

interface PageAnswer {
  readonly statusCode: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks as API Gateway's HTTP API does. */
async function get(rawPath: string): Promise<PageAnswer> {
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { host: 'shop.example.com' },
    isBase64Encoded: false,
    requestContext: { http: { method: 'GET', path: rawPath }, domainName: 'shop.example.com' },
  };
  return (await servePage(event as unknown as LambdaEvent)) as unknown as PageAnswer;
}

describe('the function that serves the pages', () => {
  it('answers each page at its path, as it is on AWS: without what only a machine of its own has', async () => {
    for (const { path, body, contentType } of webFiles({ isLocal: false })) {
      expect(await get(path)).toMatchObject({ statusCode: 200, body, headers: { 'content-type': contentType } });
    }
    expect((await get('/')).body).not.toContain('data-local');
  });

  it('says which scripts a page may run, and that there is nothing elsewhere', async () => {
    expect((await get('/')).headers['content-security-policy']).toContain("script-src 'self'");
    expect((await get('/admin')).statusCode).toBe(404);
  });
});

const describeOnAws = hasEmulator('localstack') ? describe : describe.skip;

describeOnAws('the function that uploads the pages', () => {
  const environment = { ...process.env };
  let emulator: Emulator;
  let s3: S3Client;

  beforeAll(async () => {
    emulator = await startEmulator('localstack');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_REGION: EMULATED_REGION,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
    s3 = new S3Client({ endpoint: emulator.endpoint, region: EMULATED_REGION, credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'pages' }));
  }, 90_000);

  afterAll(async () => {
    s3?.destroy();
    await emulator?.stop();
    process.env = environment;
  });

  it('puts every page into the bucket under the key that CloudFront asks for, and says so', async () => {
    expect(await toldBy(upload, 'Create', { bucket: 'pages' })).toEqual({
      Status: 'SUCCESS',
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Done',
      PhysicalResourceId: 'pages-of-pages',
    });
    for (const { key, body, contentType } of webFiles({ isLocal: false })) {
      const object = await s3.send(new GetObjectCommand({ Bucket: 'pages', Key: key }));
      expect([key, object.ContentType, await object.Body?.transformToString()]).toEqual([key, contentType, body]);
    }
  });

  it('leaves them when its resource is deleted', async () => {
    expect(await toldBy(upload, 'Delete', { bucket: 'pages' })).toMatchObject({ Status: 'SUCCESS' });
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: 'pages' }));
    expect(KeyCount).toBe(webFiles({ isLocal: false }).length);
  });

  it('tells CloudFormation why it failed', async () => {
    const answer = await toldBy(upload, 'Update', { bucket: 'no-such-bucket' });
    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('NoSuchBucket') });
  });
});
