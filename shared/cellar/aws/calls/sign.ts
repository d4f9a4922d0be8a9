/** AWS Signature Version 4. */
import { AwsV4Signer } from 'aws4fetch';
import type { Clock } from '../../clock.ts';
import type { AwsRequest } from './aws-request.ts';
import type { AwsCredentials } from './credentials.ts';

/** A key lives for a day, a service and an identity; what is derived for others is dropped now and then. */
const MOST_KEYS = 50;

/** Signs requests of one region; remembers the keys that it derives. */
export function signer(region: string, clock: Clock) {
  const cache = new Map<string, ArrayBuffer>();
  return async ({ service, method, url, headers, body }: AwsRequest, keys: AwsCredentials): Promise<Request> => {
    if (cache.size > MOST_KEYS) cache.clear();
    const datetime = new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, '');
    const { accessKeyId, secretAccessKey, sessionToken } = keys;
    const signed = await new AwsV4Signer({
      ...{ service, region, method, url, headers: { ...headers }, datetime, cache, accessKeyId, secretAccessKey },
      ...(sessionToken === undefined ? undefined : { sessionToken }),
      ...(body === undefined ? undefined : { body }),
    }).sign();
    return new Request(signed.url, {
      method,
      headers: signed.headers,
      redirect: 'manual', // a signature holds for one host
      ...(body === undefined ? undefined : { body }),
    });
  };
}
