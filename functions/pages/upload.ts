/**
 * The Lambda function that puts the shop's pages, which it carries with it, into their bucket, at each deployment that
 * changes one. Deleting the resource leaves them there.
 */
import { webFiles } from '../../web/files.ts';
import { customResource } from '../custom-resource.ts';

export const handler = customResource<{ readonly bucket: string }>({
  idOf: ({ bucket }) => `pages-of-${bucket}`,
  async apply({ bucket }, calls) {
    await Promise.all(
      webFiles({ isLocal: false }).map(({ key, body, contentType }) =>
        calls.call('s3:PutObject', {
          Bucket: bucket,
          Key: key,
          Body: new TextEncoder().encode(body),
          ContentType: contentType,
        }),
      ),
    );
  },
});
