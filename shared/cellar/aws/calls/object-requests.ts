/** S3's REST. */
import { hash } from 'node:crypto';
import { CellarError } from '../../errors.ts';
import type { AwsOperations } from '../calls.ts';
import { serviceUrl } from '../location.ts';
import { type AwsAnswer, type AwsRequest, type RequestContext, uriEncoded } from './aws-request.ts';

/** The bucket is in the host's name, but for an emulator, whose host is an address. */
function objectUrl(bucket: string, key: string, { location }: RequestContext): string {
  const segments = key.split('/');
  if (key === '' || segments.some((segment) => segment === '.' || segment === '..')) {
    throw new CellarError('bad-value', `the object's key is '${key}', allowed: a path without . and .. in it`);
  }
  const base = serviceUrl('s3', location);
  const root = location.endpoint === undefined ? base.replace('//', `//${bucket}.`) : `${base}/${bucket}`;
  return `${root}/${segments.map(uriEncoded).join('/')}`;
}

/** The hash of the body is signed: S3 refuses one that was damaged on its way. */
export function putObjectRequest(
  { Bucket, Key, Body, ContentType }: AwsOperations['s3:PutObject']['input'],
  context: RequestContext,
): AwsRequest {
  return {
    service: 's3',
    method: 'PUT',
    url: objectUrl(Bucket, Key, context),
    headers: {
      'content-type': ContentType ?? 'application/octet-stream',
      'x-amz-content-sha256': hash('sha256', Body),
    },
    body: new Uint8Array(Body),
  };
}

export function getObjectRequest(
  { Bucket, Key }: AwsOperations['s3:GetObject']['input'],
  context: RequestContext,
): AwsRequest {
  const headers = { 'x-amz-content-sha256': hash('sha256', '') };
  return { service: 's3', method: 'GET', url: objectUrl(Bucket, Key, context), headers };
}

export function objectOf({ body, headers }: AwsAnswer): AwsOperations['s3:GetObject']['output'] {
  const type = headers.get('content-type');
  return { Body: body, ...(type === null ? undefined : { ContentType: type }) };
}
