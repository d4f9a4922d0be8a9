/**
 * The consumer of the outbox dies, again and again, between the order and its tasks. That it reports what it could not
 * publish is not shown here: ministack does not heed what a stream's function reports, AWS reads the stream again.
 */
import { expect, it } from '@jest/globals';
import { schedulesOf } from '../../support/aws/deployed-client.ts';
import { type DeployedShop, placeOrder } from '../../support/aws/deployed-shop.ts';
import { emulatedFunctions } from '../../support/aws/emulated-functions.ts';
import { until } from '../../support/running-shop.ts';
import { mailWith } from './purchase.ts';

const SOON_MS = 30_000;

/** Code that a function's process runs before its own. */
function preloaded(code: string): string {
  return `--import=data:text/javascript,${encodeURIComponent(code)}`;
}

const DIES_AT_ONCE = preloaded('process.exit(1)');
const DIES_AFTER_ITS_FIRST_CALL = preloaded(
  'const real = fetch; globalThis.fetch = async (...input) => { await real(...input); process.exit(1); };',
);

export function outbox(shop: () => DeployedShop): void {
  it.each([
    ['before it publishes', DIES_AT_ONCE],
    ['after AWS took what it published', DIES_AFTER_ITS_FIRST_CALL],
  ])('loses no task and repeats none when its consumer crashes %s', async (moment, options) => {
    const functions = emulatedFunctions(shop().endpoint);
    const name = await functions.named('outbox');
    const healthy = await functions.environment(name);
    const crashes = () => shop().output().split(`Lambda ${name} failed processing DynamoDB stream batch`).length;
    const before = crashes();
    const schedulesBefore = (await schedulesOf(shop())).length;

    await functions.setEnvironment(name, { ...healthy, NODE_OPTIONS: options });
    const order = await placeOrder(shop(), `e2e-crash-${moment.replaceAll(' ', '-')}`);
    await until(() => crashes() > before + 1, SOON_MS);
    await functions.setEnvironment(name, healthy);

    const subject = `Order nr. ${order.id}`;
    await until(() => mailWith(shop(), subject), SOON_MS);
    await until(async () => (await schedulesOf(shop())).length > schedulesBefore, SOON_MS);
    expect(await schedulesOf(shop())).toHaveLength(schedulesBefore + 1); // the reminder, a day ahead
    expect(
      shop()
        .mails()
        .filter((mail) => mail.subject === subject),
    ).toHaveLength(1);
  });
}
