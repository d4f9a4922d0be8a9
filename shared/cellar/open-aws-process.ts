import { openAwsCalls } from '#aws-calls';
import { parseAwsUrl } from './aws/location.ts';
import type { Backend } from './backend.ts';
import { openAws } from './brokers/aws/open-aws.ts';
import type { Runtime } from './clock.ts';
import { CellarError } from './errors.ts';
import { describeError } from './exception.ts';
import type { Settings } from './settings.ts';
import { revokedUpdate } from './worker/result-update.ts';

/**
 * Opens the application on AWS that the broker URL names, for a long-lived process, which deletes what it has done.
 * With `?create=true` it makes what the topology needs.
 * @throws CellarError `bad-settings`, also for AWS itself where nobody allowed it; `not-supported` without AWS's SDK
 */
export async function openAwsProcess(settings: Settings, runtime: Runtime): Promise<Backend> {
  const { create, ...location } = parseAwsUrl(settings.brokerUrl, settings.awsEndpointUrl);
  const calls = openAwsCalls(location, runtime, { allowAws: settings.allowAws });
  const { resultExpiresSeconds } = settings;
  const options = { location, calls, runtime, resultExpiresSeconds, acknowledge: 'delete' } as const;
  if (!create) return await openAws(options);
  const { createOnAws } = await loadCreation();
  return await openAws({ ...options, selfMade: { create: createOnAws(location), revokedUpdate } });
}

/** The clients of the SDK are optional peers. */
async function loadCreation() {
  try {
    return await import('./brokers/aws/create/create-on-aws.ts');
  } catch (error) {
    const text = `create=true needs the clients of AWS's SDK: ${describeError(error)}`;
    throw new CellarError('not-supported', text, { cause: error });
  }
}
