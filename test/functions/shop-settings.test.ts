import { describe, expect, it } from '@jest/globals';
import { CellarError } from 'cellar';
import { loadShopSettings } from '../../functions/shop-settings.ts';

const dataDir = { dataDir: '/data' };

describe('loadShopSettings', () => {
  it('has a default for everything; an empty variable counts as not set', () => {
    const settings = loadShopSettings({ SHOP_PORT: '', SHOP_WEBHOOK_SECRET: '' }, dataDir);
    expect(settings).toMatchObject({ reminderSeconds: 86_400, mailFrom: 'admin@myshop.com', webhookSecret: undefined });
    expect(settings.mailboxFolder).toBe('/data/mailbox');
  });

  it('reads what is set', () => {
    const environment = { SHOP_PORT: '0', SHOP_REMINDER_SECONDS: '5', SHOP_MAIL_FROM: 'wine@example.com' };
    expect(loadShopSettings(environment, dataDir)).toMatchObject({
      port: 0,
      reminderSeconds: 5,
      mailFrom: 'wine@example.com',
    });
  });

  it('reports all faults at once', () => {
    const environment = { SHOP_PORT: '70000', SHOP_REMINDER_SECONDS: '-1', SHOP_MAIL_FROM: 'a@b\nBcc: c@d' };
    let problems: readonly string[] = [];
    try {
      loadShopSettings(environment, dataDir);
    } catch (error) {
      if (!(error instanceof CellarError)) throw error;
      problems = error.problems;
    }
    expect(problems.map((problem) => problem.split(' ', 1)[0]).sort()).toEqual([
      'SHOP_MAIL_FROM',
      'SHOP_PORT',
      'SHOP_REMINDER_SECONDS',
    ]);
  });
});
