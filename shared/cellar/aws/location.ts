/** Where an application is on AWS: region, account and the prefix of all its names, from which every address follows. */
import { hash } from 'node:crypto';
import { CellarError } from '../errors.ts';

/**
 * One deployed application. Every queue, topic, table and bucket has a name made of the prefix, so that a function
 * or a process needs this and nothing else to find them: no look-ups, no list in its environment.
 */
export interface AwsLocation {
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** What all names begin with, such as `wine-shop-dev`. */
  readonly prefix: string;
  /** Base URL of an emulator, as AWS_ENDPOINT_URL; absent = AWS itself. */
  readonly endpoint?: string;
}

export interface AwsUrl extends AwsLocation {
  /** Make what is missing, and forward delayed messages, in this process: for emulators without a deployment. */
  readonly create: boolean;
}

const URL_FORM = 'sqs://<region>/<account of 12 digits>/<prefix>, perhaps with ?create=true';
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d$/;
const ACCOUNT = /^\d{12}$/;
/** Short enough for the longest suffix in the narrowest name: a bucket's 63 characters hold account and region too. */
const PREFIX = /^[a-z][a-z0-9-]{0,23}$/;

/**
 * Reads a broker URL such as `sqs://eu-central-1/123456789012/wine-shop-dev`.
 * @throws CellarError `bad-settings`
 */
export function parseAwsUrl(url: string, endpoint: string | undefined): AwsUrl {
  const parsed = /^sqs:\/\/([^/?]*)\/([^/?]*)\/([^/?]*)(?:\?(.*))?$/.exec(url);
  const [, region = '', account = '', prefix = '', query = ''] = parsed ?? [];
  const parameters = new URLSearchParams(query);
  const create = parameters.get('create') ?? 'false';
  const unknown = [...parameters.keys()].filter((name) => name !== 'create');
  const isRight = REGION.test(region) && ACCOUNT.test(account) && PREFIX.test(prefix) && /^(true|false)$/.test(create);
  if (!isRight || unknown.length > 0) {
    throw new CellarError('bad-settings', `the broker URL is '${url}', allowed: ${URL_FORM}`);
  }
  return { region, account, prefix, create: create === 'true', ...(endpoint === undefined ? undefined : { endpoint }) };
}

/** What is wrong with a prefix, if anything. */
export function prefixProblem(prefix: string): string | undefined {
  if (PREFIX.test(prefix)) return undefined;
  return `the prefix is '${prefix}', allowed: a lower-case letter, then at most 23 of a-z 0-9 -`;
}

/** `.` is not allowed in names on AWS. */
function plain(name: string): string {
  return name.replaceAll('.', '-');
}

/** Names of everything that an application has on AWS. */
export const awsNames = {
  queue: (prefix: string, queue: string) => `${prefix}-${plain(queue)}.fifo`,
  /** A queue as Celery knows it, whose `queue_name_prefix` is `<prefix>-`. */
  celeryQueue: (queue: string) => `${plain(queue)}.fifo`,
  deadLetterQueue: (prefix: string, queue: string) => `${prefix}-${plain(queue)}-dead.fifo`,
  /** The standard queue in which messages wait for their time. */
  delayQueue: (prefix: string) => `${prefix}-delay`,
  /** Where messages go that the forwarder, a schedule or a stream could not hand on. */
  undeliveredQueue: (prefix: string) => `${prefix}-undelivered`,
  topic: (prefix: string, exchange: string) => `${prefix}-${plain(exchange)}.fifo`,
  resultsTable: (prefix: string) => `${prefix}-results`,
  payloadsBucket: ({ prefix, account, region }: AwsLocation) => `${prefix}-payloads-${account}-${region}`,
  scheduleGroup: (prefix: string) => prefix,
  schedulerRole: ({ prefix, region }: Pick<AwsLocation, 'prefix' | 'region'>) => `${prefix}-scheduler-${region}`,
  /**
   * All schedules of one task's attempts begin alike, so that a revoke finds them; at most 64 characters
   * (Scheduler's CreateSchedule).
   */
  scheduleNamePrefix: (taskId: string) => `${hash('sha256', taskId).slice(0, 32)}-`,
} as const;

/** `aws`, or China's or the government's own. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The host of a service, or the emulator's. */
export function serviceUrl(service: string, { region, endpoint }: Pick<AwsLocation, 'region' | 'endpoint'>): string {
  if (endpoint !== undefined) return endpoint.replace(/\/$/, '');
  return `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

export function queueUrl(location: AwsLocation, name: string): string {
  return `${serviceUrl('sqs', location)}/${location.account}/${name}`;
}

export function queueArn({ region, account }: AwsLocation, name: string): string {
  return `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}`;
}

export function topicArn({ region, account }: AwsLocation, name: string): string {
  return `arn:${partitionOf(region)}:sns:${region}:${account}:${name}`;
}

export function roleArn({ region, account }: AwsLocation, name: string): string {
  return `arn:${partitionOf(region)}:iam::${account}:role/${name}`;
}
