/** AWS for a process: by the SDK. */
import process from 'node:process';
import type { Runtime } from '../../clock.ts';
import type { Environment } from '../../settings.ts';
import type { AwsCalls } from '../calls.ts';
import type { AwsLocation } from '../location.ts';
import { assertAllowedEndpoint } from './allowed-endpoint.ts';
import { sdkCalls } from './sdk-calls.ts';

export interface OpenAwsOptions {
  /** @default process.env */
  readonly environment?: Environment;
  /** Calls to AWS itself are meant, outside of Lambda. @default whether CELLAR_ALLOW_AWS is `true` */
  readonly allowAws?: boolean;
}

/**
 * Opens AWS where an application is; nothing is called yet. Under the package condition `lambda`, signed fetch takes
 * the SDK's place.
 * @throws CellarError `bad-settings` for AWS itself where nobody allowed it
 */
export function openAwsCalls(location: AwsLocation, runtime: Runtime, options: OpenAwsOptions = {}): AwsCalls {
  assertAllowedEndpoint(location, { environment: options.environment ?? process.env, allowAws: options.allowAws });
  return sdkCalls({ location, runtime });
}
