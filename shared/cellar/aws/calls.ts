/**
 * The calls to AWS that Cellar makes, as one narrow port. Two implementations pass one suite: the SDK's clients
 * (`calls/sdk-calls.ts`, for processes) and signed fetch (`calls/fetch-calls.ts`, for what a Lambda loads: client-sqs
 * alone costs 80 ms and 96 KiB at a cold start).
 *
 * Shapes are AWS's own, cut down to the fields that are used.
 */

/** One attribute of a DynamoDB item, as its JSON has it. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Readonly<Record<string, AttributeValue>> };

export type Item = Readonly<Record<string, AttributeValue>>;

/** An SQS message attribute; SNS's looks the same. */
export interface MessageAttribute {
  readonly DataType: 'String' | 'Number' | 'String.Array';
  readonly StringValue: string;
}

export interface BatchFailure {
  readonly Id: string;
  readonly Code: string;
  readonly Message?: string;
  readonly SenderFault: boolean;
}

export interface SqsSendEntry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
}

export interface SqsMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes?: Readonly<Record<string, string>>;
}

export interface SnsPublishEntry {
  readonly Id: string;
  readonly Message: string;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
}

interface Condition {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}

interface Conditional extends Condition {
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

export interface DynamoPut extends Conditional {
  readonly TableName: string;
  readonly Item: Item;
}

export interface DynamoUpdate extends Conditional {
  readonly TableName: string;
  readonly Key: Item;
  readonly UpdateExpression: string;
}

export interface DynamoDelete extends Conditional {
  readonly TableName: string;
  readonly Key: Item;
}

export interface DynamoConditionCheck extends Conditional {
  readonly TableName: string;
  readonly Key: Item;
  readonly ConditionExpression: string;
}

export interface TransactWriteItem {
  readonly Put?: DynamoPut;
  readonly Update?: DynamoUpdate;
  readonly Delete?: DynamoDelete;
  readonly ConditionCheck?: DynamoConditionCheck;
}

/** By `service:Operation`. Input and output are AWS's JSON. */
export interface AwsOperations {
  'sqs:SendMessageBatch': {
    input: { readonly QueueUrl: string; readonly Entries: readonly SqsSendEntry[] };
    output: { readonly Successful?: readonly { readonly Id: string }[]; readonly Failed?: readonly BatchFailure[] };
  };
  'sqs:ReceiveMessage': {
    input: {
      readonly QueueUrl: string;
      readonly MaxNumberOfMessages: number;
      readonly WaitTimeSeconds?: number;
      readonly VisibilityTimeout?: number;
      readonly MessageSystemAttributeNames?: readonly string[];
      readonly ReceiveRequestAttemptId?: string;
    };
    output: { readonly Messages?: readonly SqsMessage[] };
  };
  'sqs:DeleteMessageBatch': {
    input: {
      readonly QueueUrl: string;
      readonly Entries: readonly { readonly Id: string; readonly ReceiptHandle: string }[];
    };
    output: { readonly Successful?: readonly { readonly Id: string }[]; readonly Failed?: readonly BatchFailure[] };
  };
  'sqs:ChangeMessageVisibilityBatch': {
    input: {
      readonly QueueUrl: string;
      readonly Entries: readonly {
        readonly Id: string;
        readonly ReceiptHandle: string;
        readonly VisibilityTimeout: number;
      }[];
    };
    output: { readonly Successful?: readonly { readonly Id: string }[]; readonly Failed?: readonly BatchFailure[] };
  };
  'sqs:GetQueueAttributes': {
    input: { readonly QueueUrl: string; readonly AttributeNames: readonly string[] };
    output: { readonly Attributes?: Readonly<Record<string, string>> };
  };
  'sqs:PurgeQueue': { input: { readonly QueueUrl: string }; output: object };
  'sns:PublishBatch': {
    input: { readonly TopicArn: string; readonly PublishBatchRequestEntries: readonly SnsPublishEntry[] };
    output: { readonly Successful?: readonly { readonly Id: string }[]; readonly Failed?: readonly BatchFailure[] };
  };
  'dynamodb:GetItem': {
    input: { readonly TableName: string; readonly Key: Item; readonly ConsistentRead?: boolean };
    output: { readonly Item?: Item };
  };
  'dynamodb:BatchGetItem': {
    input: {
      readonly RequestItems: Readonly<
        Record<string, { readonly Keys: readonly Item[]; readonly ConsistentRead?: boolean }>
      >;
    };
    output: {
      readonly Responses?: Readonly<Record<string, readonly Item[]>>;
      readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys: readonly Item[] }>>;
    };
  };
  'dynamodb:PutItem': { input: DynamoPut; output: object };
  'dynamodb:UpdateItem': {
    input: DynamoUpdate & { readonly ReturnValues?: 'NONE' | 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_NEW' };
    output: { readonly Attributes?: Item };
  };
  'dynamodb:DeleteItem': { input: DynamoDelete; output: object };
  'dynamodb:TransactWriteItems': {
    input: { readonly TransactItems: readonly TransactWriteItem[]; readonly ClientRequestToken?: string };
    output: object;
  };
  'dynamodb:Query': {
    input: Omit<Condition, 'ConditionExpression'> & {
      readonly TableName: string;
      readonly IndexName?: string;
      readonly KeyConditionExpression: string;
      readonly FilterExpression?: string;
      readonly Limit?: number;
      readonly ScanIndexForward?: boolean;
      readonly ConsistentRead?: boolean;
      readonly ExclusiveStartKey?: Item;
    };
    output: { readonly Items?: readonly Item[]; readonly LastEvaluatedKey?: Item };
  };
  's3:PutObject': {
    input: { readonly Bucket: string; readonly Key: string; readonly Body: Uint8Array; readonly ContentType?: string };
    output: object;
  };
  /** A missing object is the error `NoSuchKey`. */
  's3:GetObject': {
    input: { readonly Bucket: string; readonly Key: string };
    output: { readonly Body: Uint8Array; readonly ContentType?: string };
  };
  'scheduler:CreateSchedule': {
    input: {
      readonly Name: string;
      readonly GroupName: string;
      /** `at(2026-11-25T18:00:00)`, in UTC. */
      readonly ScheduleExpression: string;
      readonly FlexibleTimeWindow: { readonly Mode: 'OFF' };
      readonly ActionAfterCompletion: 'DELETE' | 'NONE';
      readonly Target: {
        readonly Arn: string;
        readonly RoleArn: string;
        readonly Input: string;
        readonly RetryPolicy?: {
          readonly MaximumRetryAttempts: number;
          readonly MaximumEventAgeInSeconds: number;
        };
        readonly DeadLetterConfig?: { readonly Arn: string };
      };
    };
    output: object;
  };
  /** An unknown one is the error `ResourceNotFoundException`. */
  'scheduler:GetSchedule': {
    input: { readonly Name: string; readonly GroupName: string };
    output: { readonly ScheduleExpression: string; readonly Target: { readonly Input?: string } };
  };
  'scheduler:DeleteSchedule': {
    input: { readonly Name: string; readonly GroupName: string };
    output: object;
  };
  /**
   * IAM allows it for every group of the account or for none (`*`), so no role that `cellar/cdk` makes may call it: at
   * run time a schedule is found by its name.
   */
  'scheduler:ListSchedules': {
    input: {
      readonly GroupName: string;
      readonly NamePrefix?: string;
      readonly MaxResults?: number;
      readonly NextToken?: string;
    };
    output: { readonly Schedules: readonly { readonly Name: string }[]; readonly NextToken?: string };
  };
  'secretsmanager:GetSecretValue': {
    input: { readonly SecretId: string };
    output: { readonly SecretString?: string };
  };
  /** Sends a mail as MIME bytes. */
  'ses:SendEmail': {
    input: {
      readonly FromEmailAddress: string;
      readonly Destination: { readonly ToAddresses: readonly string[] };
      readonly Raw: Uint8Array;
    };
    output: { readonly MessageId: string };
  };
}

export type AwsOperation = keyof AwsOperations;

export interface CallOptions {
  /** Ends the call at once with an `AbortError`. */
  readonly signal?: AbortSignal;
}

export interface AwsCalls {
  /**
   * Makes one call. Throttling, 5xx answers and broken connections are tried again inside (at most 3 tries in all, with
   * jittered backoff); what fails for good throws {@link AwsCallError}. A batch whose entries failed is no error: its
   * `Failed` says so, and the caller tries those again. Callable concurrently.
   */
  call<Operation extends AwsOperation>(
    operation: Operation,
    input: AwsOperations[Operation]['input'],
    options?: CallOptions,
  ): Promise<AwsOperations[Operation]['output']>;
  /** Frees connections. */
  close(): void;
}

/** AWS said no, or did not answer. */
export class AwsCallError extends Error {
  readonly operation: AwsOperation;
  /** AWS's own name, such as `ConditionalCheckFailedException`, without a namespace; `NetworkError` where none came. */
  readonly awsCode: string;
  /** The HTTP status; absent where no answer came. */
  readonly status: number | undefined;
  /** The item that stood in the way of a conditional write that asked for it (ALL_OLD). */
  readonly item: Item | undefined;
  /** Of a cancelled transaction: why, in the order of its writes; `None` for those that were not the reason. */
  readonly reasons: readonly { readonly code: string; readonly item?: Item }[];

  constructor(
    operation: AwsOperation,
    fault: {
      readonly awsCode: string;
      readonly message: string;
      readonly status?: number | undefined;
      readonly item?: Item | undefined;
      readonly reasons?: readonly { readonly code: string; readonly item?: Item }[];
      readonly cause?: unknown;
    },
  ) {
    super(`${operation}: ${fault.awsCode}: ${fault.message}`, fault.cause === undefined ? {} : { cause: fault.cause });
    this.name = 'AwsCallError';
    this.operation = operation;
    this.awsCode = fault.awsCode;
    this.status = fault.status;
    this.item = fault.item;
    this.reasons = fault.reasons ?? [];
  }

  /** Whether the same call may succeed later: no answer, throttling, or a fault on AWS's side. */
  get isPassing(): boolean {
    return this.status === undefined || this.status >= 500 || this.status === 429 || PASSING.has(this.awsCode);
  }
}

const PASSING: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'Throttling',
  'RequestThrottled',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionInProgressException',
  'KMSThrottling',
]);
