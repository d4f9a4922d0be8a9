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

type Pairs = readonly (readonly [string, string])[];

/** The headers to send: the request's own, the time, the token, and the signature of them all. */
export function signedHeaders(
  request: AwsRequest,
  { region, clock, accessKeyId, secretAccessKey, sessionToken }: SignOptions,
): Readonly<Record<string, string>> {
  const time = new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const token = sessionToken === undefined ? undefined : { 'x-amz-security-token': sessionToken };
  const headers: Readonly<Record<string, string>> = { ...request.headers, 'x-amz-date': time, ...token };
  const covered = Object.entries({ ...headers, host: new URL(request.url).host }).sort(byName);
  const scope = [time.slice(0, 8), region, request.service, 'aws4_request'];
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), hash('sha256', canonicalRequest(request, covered))];
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part).digest(), `AWS4${secretAccessKey}`);
  const credential = `Credential=${[accessKeyId, ...scope].join('/')}`;
  const signature = `Signature=${hmac(key, toSign.join('\n')).digest('hex')}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${namesOf(covered)}, ${signature}`;
  return { ...headers, authorization };
}

/** S3 takes the path as it is sent, the other services encode it once more. */
function canonicalRequest({ service, method, url, headers, body = '' }: AwsRequest, covered: Pairs): string {
  const { pathname, search } = new URL(url);
  const query = search.slice(1).split('&');
  return [
    method,
    service === 's3' ? pathname : pathname.split('/').map(uriEncoded).join('/'),
    query
      .map((pair) => pair.split('='))
      .sort(byName)
      .map((pair) => pair.join('='))
      .join('&'),
    ...covered.map((header) => header.join(':')),
    '',
    namesOf(covered),
    headers['x-amz-content-sha256'] ?? hash('sha256', body),
  ].join('\n');
}

function namesOf(covered: Pairs): string {
  return covered.map(([name]) => name).join(';');
}

function byName([one = '']: readonly string[], [other = '']: readonly string[]): number {
  return one < other ? -1 : 1;
}

function hmac(key: string | Buffer, text: string) {
  return createHmac('sha256', key).update(text);
}
