/** The operations of AWS that Cellar uses. Shapes are AWS's own, cut down to the fields that are used. */
import type { Condition, DynamoDelete, DynamoPut, DynamoUpdate, Item, TransactWriteItem } from './dynamodb-shapes.ts';

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
    input: {
      readonly TransactItems: readonly TransactWriteItem[];
      /** @default a new one a call */
      readonly ClientRequestToken?: string;
    };
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
  /** One that is not there is no error. */
  's3:DeleteObject': { input: { readonly Bucket: string; readonly Key: string }; output: object };
  /** At most 1,000 keys; the rest follow with the token. */
  's3:ListObjectsV2': {
    input: { readonly Bucket: string; readonly ContinuationToken?: string };
    output: { readonly Contents?: readonly { readonly Key: string }[]; readonly NextContinuationToken?: string };
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
      /** @default a new one a call */
      readonly ClientToken?: string;
    };
    output: object;
  };
  /** An unknown one is the error `ResourceNotFoundException`. */
  'scheduler:GetSchedule': {
    input: { readonly Name: string; readonly GroupName: string };
    output: { readonly ScheduleExpression: string; readonly Target: { readonly Input?: string } };
  };
  'scheduler:DeleteSchedule': {
    input: { readonly Name: string; readonly GroupName: string; readonly ClientToken?: string };
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
