import { describe, expect, it } from '@jest/globals';
import { type AwsLocation, openAwsCalls } from 'cellar/aws';
import { openAwsCalls as openInLambda } from '../../../../shared/cellar/aws/calls/open-calls.lambda.ts';
import { systemRuntime } from '../../../../shared/cellar/clock.ts';

const HOME: AwsLocation = { region: 'eu-central-1', account: '123456789012', prefix: 'shop' };
type Open = typeof openAwsCalls;

describe.each<[string, Open]>([
  ['a process', openAwsCalls],
  ['a Lambda bundle', openInLambda],
])('AWS opened by %s', (_name, open) => {
  it.each([
    undefined,
    'https://sqs.eu-central-1.amazonaws.com',
    'https://SQS.CN-NORTH-1.AMAZONAWS.COM.CN/',
    'https://sqs.eu-central-1.api.aws',
  ])('is refused where nobody allowed it: %s', (endpoint) => {
    const location = endpoint === undefined ? HOME : { ...HOME, endpoint };
    const sentence =
      'this program would call AWS itself (account 123456789012, eu-central-1), ' +
      'allowed: with CELLAR_ALLOW_AWS=true, or set AWS_ENDPOINT_URL to an emulator';
    const expected = expect.objectContaining({ name: 'CellarError', code: 'bad-settings', message: sentence });
    expect(() => open(location, systemRuntime, { environment: {} })).toThrow(expected);
    expect(() => open(location, systemRuntime, { environment: { CELLAR_ALLOW_AWS: 'yes' } })).toThrow(expected);
  });

  it.each([
    ['a variable says so', { environment: { CELLAR_ALLOW_AWS: 'true' } }],
    ['a flag says so', { environment: {}, allowAws: true }],
    ['it runs as a function', { environment: { AWS_LAMBDA_FUNCTION_NAME: 'shop-mail' } }],
  ])('is allowed where %s', (_why, options) => {
    open(HOME, systemRuntime, options).close();
  });

  it.each(['http://127.0.0.1:4566', 'http://localstack:4566', 'https://notamazonaws.com'])(
    'may be an emulator: %s',
    (endpoint) => open({ ...HOME, endpoint }, systemRuntime, { environment: {} }).close(),
  );

  it.each(['localhost:4566', 'here', ''])('has an address: not %s', (endpoint) => {
    const message = `AWS_ENDPOINT_URL is '${endpoint}', allowed: http://<host>:<port> or https`;
    expect(() => open({ ...HOME, endpoint }, systemRuntime, { environment: {} })).toThrow(message);
  });
});

describe('without credentials', () => {
  const endpoint = 'http://127.0.0.1:9';
  const call = (open: Open) =>
    open({ ...HOME, endpoint }, systemRuntime, { environment: {} }).call('sqs:PurgeQueue', { QueueUrl: 'x' });

  it('a Lambda bundle says which variable is missing', async () => {
    await expect(call(openInLambda)).rejects.toMatchObject({
      ...{ name: 'CellarError', code: 'bad-settings' },
      message: 'AWS_ACCESS_KEY_ID is not set, needed: the keys of an AWS identity',
    });
  });

  it('a process says that its chain found none', async () => {
    const { AWS_ACCESS_KEY_ID } = process.env;
    delete process.env['AWS_ACCESS_KEY_ID'];
    try {
      const expected = {
        name: 'CellarError',
        code: 'bad-settings',
        message: expect.stringMatching(/^no AWS credentials: /),
      };
      await expect(call(openAwsCalls)).rejects.toMatchObject(expected);
    } finally {
      process.env['AWS_ACCESS_KEY_ID'] = AWS_ACCESS_KEY_ID;
    }
  });
});
