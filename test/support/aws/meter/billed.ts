/** What AWS bills for one call. */
import type { AwsOperation, AwsOperations, Item } from '../../../../shared/cellar/aws/calls.ts';
import { itemBytes, messageBytes } from './payload-bytes.ts';

export interface Counts {
  /** Billed requests to FIFO queues: one for each 64 KB that a call carries, one at least. */
  readonly sqsFifo: number;
  /** The same to standard queues: the delay queue. */
  readonly sqsStandard: number;
  /** Publish requests: a batch is one. */
  readonly snsRequests: number;
  readonly snsMessages: number;
  readonly snsBytes: number;
  /** DynamoDB's requests, whatever they cost. */
  readonly dynamoRequests: number;
  /** At least: what a write replaces is not seen here. */
  readonly dynamoWriteUnits: number;
  readonly dynamoReadUnits: number;
  readonly schedulerRequests: number;
  /** One-time schedules made: each will fire once, unless it is deleted. */
  readonly schedulesMade: number;
  readonly s3Puts: number;
  readonly s3Gets: number;
  readonly secretReads: number;
  readonly mails: number;
}

export type Billed = Partial<Counts>;

/** Of a table: how many indexes are written with it. */
export type IndexesOf = Readonly<Record<string, number>>;

type Bills = {
  readonly [Operation in AwsOperation]: (
    input: AwsOperations[Operation]['input'],
    /** Absent where the call failed. */
    output: AwsOperations[Operation]['output'] | undefined,
    indexesOf: IndexesOf,
  ) => Billed;
};

const SQS_CHUNK_BYTES = 64 * 1024;
const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

function sqs({ QueueUrl }: { readonly QueueUrl: string }, bytes = 0): Billed {
  const requests = Math.max(1, Math.ceil(bytes / SQS_CHUNK_BYTES));
  return QueueUrl.endsWith('.fifo') ? { sqsFifo: requests } : { sqsStandard: requests };
}

function sum<Element>(list: readonly Element[], value: (element: Element) => number): number {
  return list.reduce((total, element) => total + value(element), 0);
}

interface Write {
  readonly TableName: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ExpressionAttributeValues?: Item;
}

/** A unit per KB, once for the table and once for each of its indexes. */
function writeUnits(write: Write, indexesOf: IndexesOf): number {
  const bytes = itemBytes({ ...(write.Item ?? { ...write.Key, ...write.ExpressionAttributeValues }) });
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES)) * (1 + (indexesOf[write.TableName] ?? 0));
}

function write(input: Write, _output: unknown, indexesOf: IndexesOf): Billed {
  return { dynamoRequests: 1, dynamoWriteUnits: writeUnits(input, indexesOf) };
}

/** A unit per 4 KB, half of it where the read may be behind. */
function readUnits(bytes: number, isConsistent = false): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * (isConsistent ? 1 : 0.5);
}

const scheduler = (): Billed => ({ schedulerRequests: 1 });

/** Of each call; of one that failed, what was asked. */
export const bills: Bills = {
  'sqs:SendMessageBatch': (input) =>
    sqs(
      input,
      sum(input.Entries, (entry) => messageBytes(entry.MessageBody, entry.MessageAttributes)),
    ),
  'sqs:ReceiveMessage': (input, output) =>
    sqs(
      input,
      sum(output?.Messages ?? [], ({ Body }) => messageBytes(Body)),
    ),
  'sqs:DeleteMessageBatch': (input) => sqs(input),
  'sqs:ChangeMessageVisibilityBatch': (input) => sqs(input),
  'sqs:GetQueueAttributes': (input) => sqs(input),
  'sqs:PurgeQueue': (input) => sqs(input),
  'sns:PublishBatch': ({ PublishBatchRequestEntries: entries }) => ({
    snsRequests: 1,
    snsMessages: entries.length,
    snsBytes: sum(entries, (entry) => messageBytes(entry.Message, entry.MessageAttributes)),
  }),
  'dynamodb:GetItem': (input, output) => ({
    dynamoRequests: 1,
    dynamoReadUnits: readUnits(itemBytes(output?.Item ?? {}), input.ConsistentRead),
  }),
  'dynamodb:BatchGetItem': ({ RequestItems }, output) => ({
    dynamoRequests: 1,
    dynamoReadUnits: sum(Object.entries(RequestItems), ([table, { Keys, ConsistentRead }]) => {
      const items = output?.Responses?.[table] ?? [];
      const missing = (Keys.length - items.length) * readUnits(0, ConsistentRead);
      return missing + sum(items, (item) => readUnits(itemBytes(item), ConsistentRead));
    }),
  }),
  'dynamodb:PutItem': write,
  'dynamodb:UpdateItem': write,
  'dynamodb:DeleteItem': write,
  'dynamodb:TransactWriteItems': ({ TransactItems }, _output, indexesOf) => ({
    dynamoRequests: 1,
    dynamoWriteUnits: sum(TransactItems, ({ Put, Update, Delete, ConditionCheck }) => {
      const part = Put ?? Update ?? Delete ?? ConditionCheck;
      return part === undefined ? 0 : 2 * writeUnits(part, indexesOf);
    }),
  }),
  'dynamodb:Query': (input, output) => ({
    dynamoRequests: 1,
    dynamoReadUnits: readUnits(sum(output?.Items ?? [], itemBytes), input.ConsistentRead),
  }),
  's3:PutObject': () => ({ s3Puts: 1 }),
  's3:GetObject': () => ({ s3Gets: 1 }),
  's3:DeleteObject': () => ({}), // free
  's3:ListObjectsV2': () => ({ s3Puts: 1 }), // at the price of a PUT
  'scheduler:CreateSchedule': (_input, output) => ({ ...scheduler(), schedulesMade: output === undefined ? 0 : 1 }),
  'scheduler:GetSchedule': scheduler,
  'scheduler:DeleteSchedule': scheduler,
  'scheduler:ListSchedules': scheduler,
  'secretsmanager:GetSecretValue': () => ({ secretReads: 1 }),
  'ses:SendEmail': () => ({ mails: 1 }),
};
