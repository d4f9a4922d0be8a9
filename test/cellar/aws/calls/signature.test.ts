/** Signatures: AWS's published examples, and every call recomputed (emulators do not check them). */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsCallError, type AwsOperation } from 'cellar/aws';
import type { AwsRequest } from '../../../../shared/cellar/aws/calls/aws-request.ts';
import { fetchCalls } from '../../../../shared/cellar/aws/calls/fetch-calls.ts';
import { signedHeaders } from '../../../../shared/cellar/aws/calls/sign.ts';
import { systemRuntime } from '../../../../shared/cellar/clock.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { type FaultyServer, startFaultyServer } from './faulty-server.ts';
import { IMPLEMENTATIONS, openCalls } from './implementations.ts';
import { signatureOf } from './recomputed-signature.ts';
import { SAMPLE_INPUTS } from './sample-inputs.ts';

/** The token of AWS's example post-sts-header-before. */
const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function signatureIn(headers: Readonly<Record<string, string>>): string {
  return /Signature=([0-9a-f]{64})$/.exec(headers['authorization'] ?? '')?.[1] ?? 'none';
}

describe('a signature', () => {
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const region = 'us-east-1';
  const clock = manualClock(Date.UTC(2015, 7, 30, 12, 36));
  const plain = (method: AwsRequest['method'], url: string) => ({
    ...{ service: 'service', method, url: `https://example.amazonaws.com${url}`, headers: {} },
  });

  /** awslabs/aws-c-auth, tests/aws-signing-test-suite/v4. */
  it.each<[string, AwsRequest['method'], string, string | undefined, string]>([
    ['get-vanilla', 'GET', '/', undefined, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', 'POST', '/', undefined, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-vanilla-query-order-key-case',
      ...(['GET', '/?Param2=value2&Param1=value1', undefined] as const),
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-vanilla-query-order-encoded',
      ...(['GET', '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1', undefined] as const),
      '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
    ],
    ['post-sts-header-before', 'POST', '/', TOKEN, '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead'],
  ])("is that of AWS's example %s", (_name, method, url, sessionToken, expected) => {
    const headers = signedHeaders(plain(method, url), { ...keys, sessionToken, region, clock });
    expect(signatureIn(headers)).toBe(expected);
  });

  /** S3's API reference, "Signature calculations: transferring payload in a single chunk". */
  it.each<[string, Partial<AwsRequest>, string]>([
    [
      'GET Bucket (List Objects)',
      { method: 'GET', url: '/?max-keys=2&prefix=J', headers: { 'x-amz-content-sha256': EMPTY } },
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
    [
      'PUT Object',
      {
        ...{ method: 'PUT', url: '/test%24file.text', body: 'Welcome to Amazon S3.' },
        headers: {
          date: 'Fri, 24 May 2013 00:00:00 GMT',
          'x-amz-storage-class': 'REDUCED_REDUNDANCY',
          'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
        },
      },
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
  ])("is that of S3's example %s", (_name, { method = 'GET', url, headers = {}, ...rest }, expected) => {
    const request = { service: 's3', method, url: `https://examplebucket.s3.amazonaws.com${url}`, headers, ...rest };
    const signed = signedHeaders(request, {
      ...{ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
      ...{ region, clock: manualClock(Date.UTC(2013, 4, 24)) },
    });
    expect(signatureIn(signed)).toBe(expected);
  });
});

describe.each(IMPLEMENTATIONS)('each call by %s', (implementation) => {
  let server: FaultyServer;
  beforeAll(async () => {
    server = await startFaultyServer();
    server.answers({ status: 400, body: '{"__type":"Enough"}' });
    process.env['AWS_SESSION_TOKEN'] = TOKEN;
  });
  afterAll(async () => {
    delete process.env['AWS_SESSION_TOKEN'];
    await server.stop();
  });

  it.each(Object.keys(SAMPLE_INPUTS) as AwsOperation[])(
    '%s is signed as AWS expects it, token and all',
    async (name) => {
      const environment = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_SESSION_TOKEN: TOKEN };
      const calls = openCalls(implementation, server.endpoint, { environment });
      const before = server.asked.length;
      await expect(calls.call(name, SAMPLE_INPUTS[name])).rejects.toBeInstanceOf(AwsCallError);
      calls.close();
      const asked = server.asked.slice(before);
      expect(asked).toHaveLength(1);
      const [request] = asked;
      if (request === undefined) throw new Error('nothing was asked');
      const { service, accessKeyId, signedHeaders, given, expected } = signatureOf(request, 'test');
      expect({ service, accessKeyId }).toEqual({ service: name.split(':')[0], accessKeyId: 'test' });
      expect(signedHeaders).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token']));
      expect(request.headers['x-amz-security-token']).toBe(TOKEN);
      expect(given).toBe(expected);
    },
  );
});

describe('signed fetch', () => {
  it('asks for credentials at each try', async () => {
    const server = await startFaultyServer();
    server.answers({ status: 500 }, { status: 200, body: '{}' });
    let lent = 0;
    const calls = fetchCalls({
      location: { region: 'us-east-1', endpoint: server.endpoint },
      runtime: systemRuntime,
      credentials: () => ({ accessKeyId: `key-${++lent}`, secretAccessKey: `secret-${lent}` }),
    });
    await calls.call('sqs:PurgeQueue', { QueueUrl: 'http://127.0.0.1/000000000000/queue' });
    const signatures = server.asked.map((asked, index) => signatureOf(asked, `secret-${index + 1}`));
    expect(signatures.map(({ accessKeyId }) => accessKeyId)).toEqual(['key-1', 'key-2']);
    for (const { given, expected } of signatures) expect(given).toBe(expected);
    await server.stop();
  });

  it.each([
    ['s3:GetObject', { Bucket: 'bucket', Key: 'a b' }, 'https://bucket.s3.eu-central-1.amazonaws.com/a%20b'],
    ['sqs:PurgeQueue', { QueueUrl: 'x' }, 'https://sqs.eu-central-1.amazonaws.com/'],
    ['secretsmanager:GetSecretValue', { SecretId: 'x' }, 'https://secretsmanager.eu-central-1.amazonaws.com/'],
  ] as const)('%s goes to AWS itself where there is no endpoint', async (operation, input, url) => {
    const asked: string[] = [];
    const calls = fetchCalls({
      location: { region: 'eu-central-1' },
      runtime: systemRuntime,
      credentials: () => ({ accessKeyId: 'key', secretAccessKey: 'secret' }),
      fetch: async (target) => {
        asked.push(String(target));
        return new Response('{}');
      },
    });
    await calls.call(operation, input);
    expect(asked).toEqual([url]);
  });
});
