import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { handler } from '../../../functions/empty-bucket/handler.ts';
import { type EmulatedAws, startEmulatedAws } from '../../shop/emulated-aws.ts';
import { EMULATED_REGION, hasEmulator } from '../../support/aws/emulator.ts';
import { toldBy } from '../cloudformation.ts';

/** More than S3 lists at once. */
const OBJECTS = 1_030;
const environment = { ...process.env };

(hasEmulator('ministack') ? describe : describe.skip)('the function that empties a bucket', () => {
  let aws: EmulatedAws;

  beforeAll(async () => {
    aws = await startEmulatedAws();
    Object.assign(process.env, { AWS_ENDPOINT_URL: aws.endpoint, AWS_REGION: EMULATED_REGION });
  });
  afterAll(async () => {
    await aws?.stop();
    process.env = environment;
  });

  async function newBucket(objects: number): Promise<string> {
    const bucket = `bucket-${randomUUID()}`;
    const s3 = new S3Client({ endpoint: aws.endpoint, region: EMULATED_REGION, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    s3.destroy();
    for (let index = 0; index < objects; index++) {
      await aws.calls.call('s3:PutObject', { Bucket: bucket, Key: `reports/${index} & more`, Body: Uint8Array.of(1) });
    }
    return bucket;
  }

  const listed = async (Bucket: string) => (await aws.calls.call('s3:ListObjectsV2', { Bucket })).Contents ?? [];

  it('deletes every object when its resource is deleted', async () => {
    const bucket = await newBucket(OBJECTS);
    expect(await toldBy(handler, 'Delete', { bucket })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: `emptied-${bucket}`,
    });
    expect(await listed(bucket)).toEqual([]);
  }, 60_000);

  it('deletes nothing at a deployment', async () => {
    const bucket = await newBucket(1);
    for (const type of ['Create', 'Update'] as const) {
      expect(await toldBy(handler, type, { bucket })).toMatchObject({ Status: 'SUCCESS' });
      expect(await listed(bucket)).toHaveLength(1);
    }
  });

  it('says that a bucket is not there', async () => {
    expect(await toldBy(handler, 'Delete', { bucket: 'no-such-bucket' })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('NoSuchBucket'),
    });
  });
});
