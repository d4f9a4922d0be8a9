/** The broker of a Lambda function. SQS takes a message off its queue when the function returns without naming it. */
import { openAwsCalls } from '#aws-calls';
import { parseAwsUrl } from './aws/location.ts';
import { CellarError } from './errors.ts';
import { functionBackend } from './lambda/function-backend.ts';
import type { Opener } from './opener.ts';

const sqs: Opener = async (_rest, settings, runtime) => {
  const { create, ...location } = parseAwsUrl(settings.brokerUrl, settings.awsEndpointUrl);
  if (create) throw new CellarError('bad-settings', 'create is true in a function, allowed: false, it was deployed');
  if (settings.resultBackend !== undefined && settings.resultBackend !== 'dynamodb:')
    throw new CellarError('not-supported', 'a function is to keep its results elsewhere, allowed: dynamodb:');
  const calls = openAwsCalls(location, runtime, { allowAws: settings.allowAws });
  const { resultExpiresSeconds } = settings;
  return functionBackend({ location, calls, runtime, resultExpiresSeconds });
};

export const openers: Readonly<Record<string, Opener>> = { sqs };
