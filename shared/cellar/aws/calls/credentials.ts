/** Whose calls they are. */
import { CellarError } from '../../errors.ts';
import type { Environment } from '../../settings.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Goes with keys that are lent for a time, such as a Lambda's. */
  readonly sessionToken?: string | undefined;
}

/** Asked at each call, because lent keys are exchanged while a process runs. */
export type CredentialSource = () => AwsCredentials | Promise<AwsCredentials>;

/**
 * The keys that Lambda gives a function (Lambda's "Defined runtime environment variables").
 * @throws CellarError `bad-settings`, when called, where the variables are not set
 */
export function environmentCredentials(environment: Environment): CredentialSource {
  return () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
    if (accessKeyId && secretAccessKey) {
      return { accessKeyId, secretAccessKey, sessionToken: environment['AWS_SESSION_TOKEN'] || undefined };
    }
    const name = accessKeyId ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID';
    throw new CellarError('bad-settings', `${name} is not set, needed: the keys of an AWS identity`);
  };
}
