/**
 * The Lambda function that empties a bucket when its stack is deleted, because CloudFormation deletes only empty ones.
 * Only stages whose data may go have it.
 */
import type { AwsCalls } from 'cellar/aws';
import { customResource } from '../custom-resource.ts';

/** Deletions side by side; S3 takes thousands a second. */
const AT_ONCE = 50;

export const handler = customResource<{ readonly bucket: string }>({
  idOf: ({ bucket }) => `emptied-${bucket}`,
  async remove({ bucket }, calls) {
    for (let keys = await firstKeys(calls, bucket); keys.length > 0; keys = await firstKeys(calls, bucket)) {
      for (let start = 0; start < keys.length; start += AT_ONCE) {
        const some = keys.slice(start, start + AT_ONCE);
        await Promise.all(some.map((Key) => calls.call('s3:DeleteObject', { Bucket: bucket, Key })));
      }
    }
  },
});

/** S3 lists 1,000 at most, and never what was deleted before. */
async function firstKeys(calls: AwsCalls, bucket: string): Promise<readonly string[]> {
  const { Contents = [] } = await calls.call('s3:ListObjectsV2', { Bucket: bucket });
  return Contents.map(({ Key }) => Key);
}
