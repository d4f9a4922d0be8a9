/**
 * AWS Signature Version 4 ("Create a signed AWS API request" in the IAM guide). By hand, because aws4fetch is 2.5 KiB of
 * a Lambda's bundle, and loads WebCrypto at its first call; the tests hold it against AWS's own examples.
 */
import { createHmac, hash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { type AwsRequest, uriEncoded } from './aws-request.ts';
import type { AwsCredentials } from './credentials.ts';

export interface SignOptions extends AwsCredentials {
  readonly region: string;
  readonly clock: Clock;
}

/** The headers of a request, its signature and all that it covers among them; names are lower case. */
export function signedHeaders(
  { service, method, url, headers, body = '' }: AwsRequest,
  { region, clock, accessKeyId, secretAccessKey, sessionToken }: SignOptions,
): Readonly<Record<string, string>> {
  const { host, pathname, search } = new URL(url);
  const time = new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const token = sessionToken === undefined ? undefined : { 'x-amz-security-token': sessionToken };
  const sent: Readonly<Record<string, string>> = { ...headers, 'x-amz-date': time, ...token };
  const covered = Object.entries({ ...sent, host }).sort(byName);
  const names = covered.map(([name]) => name).join(';');
  const pairs = search
    .slice(1)
    .split('&')
    .map((pair) => pair.split('='));
  const canonical = [
    method,
    service === 's3' ? pathname : pathname.split('/').map(uriEncoded).join('/'), // the others encode it once more
    pairs
      .sort(byName)
      .map((pair) => pair.join('='))
      .join('&'),
    ...covered.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    headers['x-amz-content-sha256'] ?? hash('sha256', body),
  ].join('\n');
  const scope = [time.slice(0, 8), region, service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part).digest(), `AWS4${secretAccessKey}`);
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), hash('sha256', canonical)].join('\n');
  const credential = `${accessKeyId}/${scope.join('/')}`;
  const signature = hmac(key, toSign).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...sent, authorization };
}

function byName([one = '']: readonly string[], [other = '']: readonly string[]): number {
  return one < other ? -1 : 1;
}

function hmac(key: string | Buffer, text: string) {
  return createHmac('sha256', key).update(text);
}
