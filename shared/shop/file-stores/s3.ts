/** Files in an S3 bucket. */
import { AwsCallError, type AwsCalls } from 'cellar/aws';
import { checkFileName, type FileStore } from '../file-store.ts';

export interface S3FilesOptions {
  readonly calls: Pick<AwsCalls, 'call'>;
  /** It must be there; how its objects are encrypted is its own affair. */
  readonly bucket: string;
}

export function openS3Files({ calls, bucket }: S3FilesOptions): FileStore {
  return {
    async put(name, bytes, contentType) {
      checkFileName(name);
      await calls.call('s3:PutObject', { Bucket: bucket, Key: name, Body: bytes, ContentType: contentType });
    },
    async get(name) {
      checkFileName(name);
      try {
        return (await calls.call('s3:GetObject', { Bucket: bucket, Key: name })).Body;
      } catch (error) {
        if (error instanceof AwsCallError && error.awsCode === 'NoSuchKey') return undefined;
        throw error;
      }
    },
  };
}
