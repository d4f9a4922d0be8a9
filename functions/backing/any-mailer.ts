/** What sends mails: the one place where it is chosen. */
import type { Preparer } from 'cellar/lambda';
import type { Mailer } from '../../shared/shop/mailer.ts';
import { openMailboxMailer } from '../../shared/shop/mailers/mailbox.ts';
import type { ShopSettings } from '../shop-settings.ts';

/** Opens SES on AWS, else the mailbox of this machine. */
export async function openMailer(cellar: Preparer, settings: ShopSettings): Promise<Mailer> {
  if (settings.aws !== undefined) return (await import('./ses-mailer.ts')).openMailer(cellar, settings);
  return openMailboxMailer({ folder: settings.mailboxFolder, from: settings.mailFrom });
}
