import { describe, expect, it } from '@jest/globals';
import type { AwsCalls } from 'cellar/aws';
import { readSecret } from '../../../functions/backing/read-secret.ts';

function holding(answer: object): Pick<AwsCalls, 'call'> {
  return { call: async () => answer as never };
}

describe('readSecret', () => {
  it('reads the text', async () => {
    expect(await readSecret(holding({ SecretString: 'whsec_1' }), 'webhook')).toBe('whsec_1');
  });

  it.each([{}, { SecretString: '' }])('takes no secret without text: %j', async (answer) => {
    await expect(readSecret(holding(answer), 'webhook')).rejects.toMatchObject({
      code: 'bad-settings',
      message: 'the secret webhook holds no text, allowed: one text',
    });
  });
});
