import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FileStore, invoicePath } from '../../shared/shop/file-store.ts';
import { openDiskFiles } from '../../shared/shop/file-stores/disk.ts';
import { openS3Files } from '../../shared/shop/file-stores/s3.ts';
import { EMULATED_REGION, hasEmulator } from '../support/aws/emulator.ts';
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts';

/** What every place for files must do. */
function fileContract(open: () => FileStore): void {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);

  it('gives back the bytes that it got', async () => {
    const files = open();
    await files.put(invoicePath(7), bytes, 'application/pdf');
    expect(Buffer.from((await files.get(invoicePath(7))) ?? []).equals(Buffer.from(bytes))).toBe(true);
  });

  it('has nothing under a name that was not put', async () => {
    expect(await open().get('reports/none.csv')).toBeUndefined();
  });

  it('holds what was put last under a name', async () => {
    const files = open();
    await files.put('reports/a.csv', Buffer.from('a longer text'), 'text/csv');
    await files.put('reports/a.csv', Buffer.from('short'), 'text/csv');
    expect(Buffer.from((await files.get('reports/a.csv')) ?? []).toString()).toBe('short');
  });

  it.each(['a.csv', '../a.csv', 'reports/../a', 'reports/.hidden', 'reports/a/b', '/reports/a', 'reports/', ''])(
    'takes no name such as %j',
    async (name) => {
      await expect(open().put(name, bytes, 'text/csv')).rejects.toThrow('allowed: folder/name');
      await expect(open().get(name)).rejects.toThrow('allowed: folder/name');
    },
  );
}

describe('files on disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'files-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  fileContract(() => openDiskFiles(folder));

  it('leave nothing half written beside them', async () => {
    expect((await readdir(join(folder, 'reports'))).toSorted()).toEqual(['a.csv']);
  });
});

const withMinistack = hasEmulator('ministack') ? describe : describe.skip;

withMinistack('files on S3', () => {
  const bucket = 'shop-files';
  let aws: EmulatedAws;
  let s3: S3Client;
  beforeAll(async () => {
    aws = await startEmulatedAws();
    s3 = new S3Client({ endpoint: aws.endpoint, region: EMULATED_REGION, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  });
  afterAll(async () => {
    s3?.destroy();
    await aws?.stop();
  });

  fileContract(() => openS3Files({ calls: aws.calls, bucket }));

  it('say what they are', async () => {
    await openS3Files({ calls: aws.calls, bucket }).put(invoicePath(8), Buffer.from('%PDF'), 'application/pdf');
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'invoices/order_8.pdf' }));
    expect(head.ContentType).toBe('application/pdf');
  });
});
