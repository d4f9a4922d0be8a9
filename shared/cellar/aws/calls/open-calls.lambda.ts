/** AWS for a Lambda function: by signed fetch. */
import type { Runtime } from '../../clock.ts';
import type { AwsCalls } from '../calls.ts';
import type { AwsLocation } from '../location.ts';
import { assertAllowedEndpoint } from './allowed-endpoint.ts';
import { environmentCredentials } from './credentials.ts';
import { fetchCalls } from './fetch-calls.ts';
import type { OpenAwsOptions } from './open-calls.ts';

/** As its namesake for processes, with the keys that Lambda puts into the environment. */
export function openAwsCalls(location: AwsLocation, runtime: Runtime, options: OpenAwsOptions = {}): AwsCalls {
  const { environment = process.env, allowAws } = options;
  assertAllowedEndpoint(location, { environment, allowAws });
  return fetchCalls({ location, runtime, credentials: environmentCredentials(environment) });
}
