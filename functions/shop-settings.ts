/** The shop's own settings, from environment variables that begin with `SHOP_`. */
import { join } from 'node:path';
import { CellarError, type Settings } from 'cellar';

/** Where the shop's data are on AWS. */
export interface AwsPlaces {
  /** [SHOP_TABLE] Name of the shop's DynamoDB table. */
  readonly table: string;
  /** [SHOP_FILES_BUCKET] Name of the bucket of invoices and reports. */
  readonly filesBucket: string;
  /** [SHOP_WEBHOOK_SECRET_ID] Name or ARN of the secret in Secrets Manager that holds the webhook's secret. */
  readonly webhookSecretId: string;
}

export interface ShopSettings {
  /** [SHOP_PORT] Port of the shop on this machine; 0 = any that is free. @default 3000 */
  readonly port: number;
  /**
   * [SHOP_WEBHOOK_SECRET] Secret of the payment provider's signatures; never on AWS, where it does not belong into the
   * environment. @default made at the first start, kept in the data folder
   */
  readonly webhookSecret: string | undefined;
  /** [SHOP_REMINDER_SECONDS] When a customer who has not paid is reminded. @default 86400 */
  readonly reminderSeconds: number;
  /** [SHOP_MAIL_FROM] Sender of the shop's mails; must be set on AWS. @default 'admin@myshop.com' */
  readonly mailFrom: string;
  /** Present where the broker is on AWS; each of its variables must then be set. */
  readonly aws: AwsPlaces | undefined;
  /** Where the shop keeps its secret on this machine. */
  readonly secretFile: string;
  /** Where mails go on this machine. */
  readonly mailboxFolder: string;
  /** Where invoices and reports go on this machine, each in a folder of its own. */
  readonly filesFolder: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const YEAR_SECONDS = 366 * 86_400;

/**
 * Reads the shop's settings; an empty variable counts as not set.
 * @throws CellarError `bad-settings` with all faults
 */
export function loadShopSettings(
  environment: Environment,
  { dataDir, brokerUrl }: Pick<Settings, 'dataDir' | 'brokerUrl'>,
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
  const isOnAws = brokerUrl.startsWith('sqs:');
  if (isOnAws) problems.push(...awsProblems(text));
  const settings: ShopSettings = {
    port: wholeNumber('SHOP_PORT', 3_000, 65_535),
    webhookSecret: text('SHOP_WEBHOOK_SECRET'),
    reminderSeconds: wholeNumber('SHOP_REMINDER_SECONDS', 86_400, YEAR_SECONDS),
    mailFrom,
    aws: isOnAws ? awsPlaces(text) : undefined,
    secretFile: join(dataDir, 'webhook-secret'),
    mailboxFolder: join(dataDir, 'mailbox'),
    filesFolder: dataDir,
  };
  if (problems.length > 0) throw new CellarError('bad-settings', `bad settings: ${problems.join('; ')}`, { problems });
  return Object.freeze(settings);
}

type ReadVariable = (name: string) => string | undefined;

/** What must be set on AWS, and as what. */
const AWS_VARIABLES: Readonly<Record<string, { readonly form: RegExp; readonly allowed: string }>> = {
  SHOP_TABLE: { form: /^[A-Za-z0-9_.-]{3,255}$/, allowed: 'the name of a DynamoDB table' },
  SHOP_FILES_BUCKET: { form: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, allowed: 'the name of an S3 bucket' },
  SHOP_WEBHOOK_SECRET_ID: { form: /^[\w/+=.@:!-]{1,2048}$/, allowed: 'the name or ARN of a secret in Secrets Manager' },
  SHOP_MAIL_FROM: { form: /./, allowed: 'a verified address of SES' },
};

function awsProblems(text: ReadVariable): readonly string[] {
  const problems = Object.entries(AWS_VARIABLES).flatMap(([name, { form, allowed }]) => {
    const given = text(name);
    if (given === undefined) return [`${name} is not set, allowed on AWS: ${allowed}`];
    return form.test(given) ? [] : [`${name} is '${given}', allowed: ${allowed}`];
  });
  if (text('SHOP_WEBHOOK_SECRET') === undefined) return problems;
  return [...problems, 'SHOP_WEBHOOK_SECRET is set, allowed on AWS: SHOP_WEBHOOK_SECRET_ID'];
}

function awsPlaces(text: ReadVariable): AwsPlaces {
  return {
    table: text('SHOP_TABLE') ?? '',
    filesBucket: text('SHOP_FILES_BUCKET') ?? '',
    webhookSecretId: text('SHOP_WEBHOOK_SECRET_ID') ?? '',
  };
}

/** @throws CellarError `bad-settings` where the broker is not on AWS */
export function placesOnAws({ aws }: Pick<ShopSettings, 'aws'>): AwsPlaces {
  if (aws === undefined) throw new CellarError('bad-settings', 'the broker is not on AWS, allowed here: sqs:');
  return aws;
}
