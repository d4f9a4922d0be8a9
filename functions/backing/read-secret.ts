import { CellarError } from 'cellar';
import type { AwsCalls } from 'cellar/aws';

/**
 * The text of a secret in Secrets Manager; read once per cold start, as it is never put into the environment.
 * @throws CellarError `bad-settings` where it holds no text; AwsCallError where it cannot be read
 */
export async function readSecret(calls: Pick<AwsCalls, 'call'>, id: string): Promise<string> {
  const { SecretString: text } = await calls.call('secretsmanager:GetSecretValue', { SecretId: id });
  if (text === undefined || text === '') {
    throw new CellarError('bad-settings', `the secret ${id} holds no text, allowed: one text`);
  }
  return text;
}
