/** S3's REST. */
import { hash } from 'node:crypto';
import { CellarError } from '../../errors.ts';
import type { AwsOperations } from '../calls.ts';
import { serviceUrl } from '../location.ts';
import { type AwsAnswer, type AwsRequest, type RequestContext, textOfAnswer, uriEncoded } from './aws-request.ts';
import { readXml, textOf } from './read-xml.ts';

/** The bucket is in the host's name, but for an emulator, whose host is an address. */
function bucketUrl(bucket: string, { location }: RequestContext): string {
  const base = serviceUrl('s3', location);
  return location.endpoint === undefined ? base.replace('//', `//${bucket}.`) : `${base}/${bucket}`;
}

function objectUrl(bucket: string, key: string, context: RequestContext): string {
  const segments = key.split('/');
  if (key === '' || segments.some((segment) => segment === '.' || segment === '..')) {
    throw new CellarError('bad-value', `the object's key is '${key}', allowed: a path without . and .. in it`);
  }
  return `${bucketUrl(bucket, context)}/${segments.map(uriEncoded).join('/')}`;
}

function bodilessRequest(method: 'GET' | 'DELETE', url: string): AwsRequest {
  return { service: 's3', method, url, headers: { 'x-amz-content-sha256': hash('sha256', '') } };
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
  return bodilessRequest('GET', objectUrl(Bucket, Key, context));
}

export function deleteObjectRequest(
  { Bucket, Key }: AwsOperations['s3:DeleteObject']['input'],
  context: RequestContext,
): AwsRequest {
  return bodilessRequest('DELETE', objectUrl(Bucket, Key, context));
}

export function listObjectsRequest(
  { Bucket, ContinuationToken }: AwsOperations['s3:ListObjectsV2']['input'],
  context: RequestContext,
): AwsRequest {
  const after = ContinuationToken === undefined ? '' : `continuation-token=${uriEncoded(ContinuationToken)}&`;
  return bodilessRequest('GET', `${bucketUrl(Bucket, context)}/?${after}list-type=2`);
}

export function objectsOf(answer: AwsAnswer): AwsOperations['s3:ListObjectsV2']['output'] {
  const list = readXml(textOfAnswer(answer));
  const token = textOf(list, 'NextContinuationToken');
  return {
    Contents: list.children.filter(({ name }) => name === 'Contents').map((one) => ({ Key: textOf(one, 'Key') })),
    ...(token === '' ? undefined : { NextContinuationToken: token }),
  };
}

export function objectOf({ body, headers }: AwsAnswer): AwsOperations['s3:GetObject']['output'] {
  const type = headers.get('content-type');
  return { Body: body, ...(type === null ? undefined : { ContentType: type }) };
}
