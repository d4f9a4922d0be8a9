/** The two implementations of the calls, opened alike. */
import type { AwsCalls } from 'cellar/aws';
import { environmentCredentials } from '../../../../shared/cellar/aws/calls/credentials.ts';
import { fetchCalls } from '../../../../shared/cellar/aws/calls/fetch-calls.ts';
import { sdkCalls } from '../../../../shared/cellar/aws/calls/sdk-calls.ts';
import { type Runtime, systemRuntime } from '../../../../shared/cellar/clock.ts';
import { EMULATED_REGION } from '../../../support/aws/emulator.ts';

export const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

export type ImplementationName = 'fetch' | 'sdk';
export const IMPLEMENTATIONS: readonly ImplementationName[] = ['fetch', 'sdk'];

export function openCalls(
  name: ImplementationName,
  endpoint: string,
  { runtime = systemRuntime, environment = CREDENTIALS }: { runtime?: Runtime; environment?: typeof CREDENTIALS } = {},
): AwsCalls {
  const location = { region: EMULATED_REGION, endpoint };
  if (name === 'sdk') return sdkCalls({ location, runtime });
  return fetchCalls({ location, runtime, credentials: environmentCredentials(environment) });
}
