/** The shop's own settings, from environment variables that begin with `SHOP_`. */
import { join } from 'node:path';
import { CellarError, type Settings } from 'cellar';

export interface ShopSettings {
  /** [SHOP_PORT] Port of the shop on this machine; 0 = any that is free. @default 3000 */
  readonly port: number;
  /** [SHOP_WEBHOOK_SECRET] Secret of the payment provider's signatures. @default made at the first start, kept in the data folder */
  readonly webhookSecret: string | undefined;
  /** [SHOP_REMINDER_SECONDS] When a customer who has not paid is reminded. @default 86400 */
  readonly reminderSeconds: number;
  /** [SHOP_MAIL_FROM] Sender of the shop's mails. @default 'admin@myshop.com' */
  readonly mailFrom: string;
  /** Where the shop keeps its secret on this machine. */
  readonly secretFile: string;
  /** Where mails go on this machine. */
  readonly mailboxFolder: string;
  /** Where reports go. */
  readonly reportsFolder: string;
}

const YEAR_SECONDS = 366 * 86_400;

/**
 * Reads the shop's settings; an empty variable counts as not set.
 * @throws CellarError `bad-settings` with all faults
 */
export function loadShopSettings(
  environment: Readonly<Record<string, string | undefined>>,
  { dataDir }: Pick<Settings, 'dataDir'>,
): ShopSettings {
  const problems: string[] = [];
  const text = (name: string): string | undefined => environment[name] || undefined;
  const wholeNumber = (name: string, byDefault: number, most: number): number => {
    const given = text(name);
    if (given === undefined) return byDefault;
    if (/^\d{1,12}$/.test(given) && Number(given) <= most) return Number(given);
    problems.push(`${name} is '${given}', allowed: a whole number from 0 to ${most}`);
    return byDefault;
  };
  const mailFrom = text('SHOP_MAIL_FROM') ?? 'admin@myshop.com';
  if (!/^[^\s@<>"]+@[^\s@<>"]+$/.test(mailFrom)) {
    problems.push(`SHOP_MAIL_FROM is '${mailFrom}', allowed: one address such as admin@myshop.com`);
  }
  const settings: ShopSettings = {
    port: wholeNumber('SHOP_PORT', 3_000, 65_535),
    webhookSecret: text('SHOP_WEBHOOK_SECRET'),
    reminderSeconds: wholeNumber('SHOP_REMINDER_SECONDS', 86_400, YEAR_SECONDS),
    mailFrom,
    secretFile: join(dataDir, 'webhook-secret'),
    mailboxFolder: join(dataDir, 'mailbox'),
    reportsFolder: join(dataDir, 'reports'),
  };
  if (problems.length > 0) throw new CellarError('bad-settings', `bad settings: ${problems.join('; ')}`, { problems });
  return Object.freeze(settings);
}
