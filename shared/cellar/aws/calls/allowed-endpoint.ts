/** Keeps local programs away from real accounts. */
import { CellarError } from '../../errors.ts';
import type { Environment } from '../../settings.ts';
import type { AwsLocation } from '../location.ts';

/** The variable by which a person says that calls to AWS itself are meant. */
const PERMISSION = 'CELLAR_ALLOW_AWS';
const AWS_HOST = /(^|\.)(amazonaws\.com(\.cn)?|api\.aws)$/i;

export interface AwsPermission {
  readonly environment: Environment;
  /** Said otherwise, such as by a flag. @default false */
  readonly allowAws?: boolean | undefined;
}

/**
 * Allows an emulator always, and AWS itself in a Lambda function and where someone said so.
 * @throws CellarError `bad-settings` that says what to set
 */
export function assertAllowedEndpoint(
  { endpoint, region, account }: AwsLocation,
  { environment, allowAws = false }: AwsPermission,
): void {
  const isAws = endpoint === undefined || AWS_HOST.test(hostOf(endpoint));
  if (!isAws || allowAws || environment['AWS_LAMBDA_FUNCTION_NAME'] || environment[PERMISSION] === 'true') return;
  throw new CellarError(
    'bad-settings',
    `this program would call AWS itself (account ${account}, ${region}), allowed: with ${PERMISSION}=true, ` +
      'or set AWS_ENDPOINT_URL to an emulator',
  );
}

/** @throws CellarError `bad-settings` */
function hostOf(endpoint: string): string {
  const url = URL.parse(endpoint);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.hostname;
  throw new CellarError('bad-settings', `AWS_ENDPOINT_URL is '${endpoint}', allowed: http://<host>:<port> or https`);
}
