import { describe, expect, it } from '@jest/globals';
import { CellarError } from 'cellar';
import { loadShopSettings } from '../../functions/shop-settings.ts';

const here = { dataDir: '/data', brokerUrl: 'embedded:' };
const onAws = { dataDir: '/data', brokerUrl: 'sqs://eu-central-1/123456789012/wine-shop-dev' };

function problemsOf(environment: Readonly<Record<string, string>>, settings = here): readonly string[] {
  try {
    loadShopSettings(environment, settings);
  } catch (error) {
    if (!(error instanceof CellarError)) throw error;
    expect(error.code).toBe('bad-settings');
    return error.problems;
  }
  return [];
}

describe('loadShopSettings', () => {
  it('has a default for everything; an empty variable counts as not set', () => {
    const settings = loadShopSettings({ SHOP_PORT: '', SHOP_WEBHOOK_SECRET: '' }, here);
    expect(settings).toMatchObject({ reminderSeconds: 86_400, mailFrom: 'admin@myshop.com', webhookSecret: undefined });
    expect(settings.mailboxFolder).toBe('/data/mailbox');
  });

  it('reads what is set', () => {
    const environment = { SHOP_PORT: '0', SHOP_REMINDER_SECONDS: '5', SHOP_MAIL_FROM: 'wine@example.com' };
    expect(loadShopSettings(environment, here)).toMatchObject({
      port: 0,
      reminderSeconds: 5,
      mailFrom: 'wine@example.com',
    });
  });

  it('reports all faults at once', () => {
    const environment = { SHOP_PORT: '70000', SHOP_REMINDER_SECONDS: '-1', SHOP_MAIL_FROM: 'a@b\nBcc: c@d' };
    expect(
      problemsOf(environment)
        .map((problem) => problem.split(' ', 1)[0])
        .sort(),
    ).toEqual(['SHOP_MAIL_FROM', 'SHOP_PORT', 'SHOP_REMINDER_SECONDS']);
  });

  const AWS = {
    SHOP_TABLE: 'wine-shop-dev-shop',
    SHOP_FILES_BUCKET: 'wine-shop-dev-files-123456789012',
    SHOP_WEBHOOK_SECRET_ID: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:webhook-a1B2c3',
    SHOP_MAIL_FROM: 'wine@example.com',
  };

  it('knows no place on AWS unless the broker is there', () => {
    expect(loadShopSettings(AWS, here).aws).toBeUndefined();
    expect(loadShopSettings(AWS, onAws).aws).toEqual({
      table: AWS.SHOP_TABLE,
      filesBucket: AWS.SHOP_FILES_BUCKET,
      webhookSecretId: AWS.SHOP_WEBHOOK_SECRET_ID,
    });
  });

  it('needs every place on AWS', () => {
    const problems = problemsOf({}, onAws);
    expect(problems.map((problem) => problem.split(' ', 1)[0]).sort()).toEqual(Object.keys(AWS).sort());
    expect(problems.every((problem) => problem.includes('is not set, allowed on AWS:'))).toBe(true);
  });

  it.each([
    ['SHOP_TABLE', 'a table'],
    ['SHOP_FILES_BUCKET', 'Files_Bucket'],
    ['SHOP_WEBHOOK_SECRET_ID', 'a secret'],
  ])('takes no %s such as %j', (name, value) => {
    expect(problemsOf({ ...AWS, [name]: value }, onAws)).toEqual([expect.stringContaining(`${name} is '${value}'`)]);
  });

  it('keeps the secret itself out of the environment on AWS, and out of what it says', () => {
    const problems = problemsOf({ ...AWS, SHOP_WEBHOOK_SECRET: 'whsec_hidden' }, onAws);
    expect(problems).toEqual(['SHOP_WEBHOOK_SECRET is set, allowed on AWS: SHOP_WEBHOOK_SECRET_ID']);
  });
});
