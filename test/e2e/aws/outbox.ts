/**
 * The consumer of the outbox dies, again and again, between the order and its tasks; and what becomes of a row that can
 * never be published. ministack does not heed what a stream's function reports, where AWS reads the stream again, so the
 * test gives the function such a row by itself, as AWS does when the row has become old.
 */
import process from 'node:process';
import { expect, it } from '@jest/globals';
import { runStaff } from '../../../functions/staff/run-staff.ts';
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

  it('sets a row aside that cannot be published, and gives it back when it is told to', async () => {
    const functions = emulatedFunctions(shop().endpoint);
    const NewImage = { pk: { S: 'order#900000' }, sk: { S: 'outbox#placed' }, messages: { S: 'no JSON' } };
    const record = { eventName: 'INSERT', dynamodb: { SequenceNumber: '1', ApproximateCreationDateTime: 1, NewImage } };
    const answer = await functions.invoke(await functions.named('outbox'), { Records: [record] });
    expect(answer).toEqual({ batchItemFailures: [] });

    expect(await staff(shop(), 'outbox')).toMatch(
      /^order#900000 outbox#placed\t20\S+Z\ta row cannot be read: SyntaxError/,
    );
    expect(await staff(shop(), 'outbox-again')).toBe('order#900000 outbox#placed\n');
    expect(await staff(shop(), 'outbox')).toBe('nothing was set aside\n');
  });
}

async function staff({ endpoint, outputs }: DeployedShop, word: string): Promise<string> {
  const environment = { ...process.env, AWS_ENDPOINT_URL: endpoint };
  return (await runStaff([word, '--broker', outputs.BrokerUrl ?? ''], environment)).text;
}
