/**
 * What AWS would expect of a request's signature, computed from what arrived, by AWS's own description ("Create a signed
 * AWS API request"): independent of how the request was signed.
 */
import { createHash, createHmac } from 'node:crypto';
import type { AskedRequest } from './faulty-server.ts';

export interface Signature {
  readonly service: string;
  readonly accessKeyId: string;
  readonly signedHeaders: readonly string[];
  readonly given: string;
  readonly expected: string;
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Every byte but RFC 3986's unreserved ones. */
function encoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9\-._~]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** S3 takes the path as it is; the others encode once more what was encoded for the URL. */
function canonicalPath(path: string, service: string): string {
  const segment = (text: string) => encoded(service === 's3' ? decodeURIComponent(text) : text);
  return path.split('/').map(segment).join('/');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => pair.split('=').map((part) => encoded(decodeURIComponent(part))));
  return pairs
    .map(([name, value = '']) => `${name}=${value}`)
    .sort()
    .join('&');
}

export function signatureOf({ method, url, headers, body }: AskedRequest, secret: string): Signature {
  const found = FORM.exec(headers.authorization ?? '');
  if (found === null) throw new Error(`the authorization is '${headers.authorization}'`);
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', given = ''] = found;
  const [path = '', query = ''] = url.split('?');
  const lines = names.split(';').map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}\n`);
  const bodyHash = String(headers['x-amz-content-sha256'] ?? sha256(body));
  const canonical = [
    ...[method, canonicalPath(path, service), canonicalQuery(query)],
    ...[lines.join(''), names, bodyHash],
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return {
    ...{ service, accessKeyId, given, expected: hmac(key, toSign).toString('hex') },
    signedHeaders: names.split(';'),
  };
}
