import type { Preparer } from 'cellar/lambda';
import type { Mailer } from '../../shared/shop/mailer.ts';
import { openSesMailer } from '../../shared/shop/mailers/ses.ts';
import type { ShopSettings } from '../shop-settings.ts';
import { awsCalls } from './aws-calls.ts';

/** Opens the mailer on SES. */
export async function openMailer(cellar: Preparer, { mailFrom }: ShopSettings): Promise<Mailer> {
  return openSesMailer({ calls: awsCalls(cellar), from: mailFrom });
}
