import type { AwsOperation, AwsOperations } from 'cellar/aws';

const QueueUrl = 'http://127.0.0.1/000000000000/queue.fifo';
const TableName = 'table';
const Key = { pk: { S: 'é+ /' } };
const schedule = { Name: 'name.with-all_5', GroupName: "group (a)'*!~+é&" };
const object = { Bucket: 'bucket', Key: "a/b c+d'(é)~*&=?#%2F//🍷" };

/** Something to ask of each operation, with what is hard to encode. */
export const SAMPLE_INPUTS: { readonly [Operation in AwsOperation]: AwsOperations[Operation]['input'] } = {
  'sqs:SendMessageBatch': { QueueUrl, Entries: [{ Id: '0', MessageBody: 'é🍷' }] },
  'sqs:ReceiveMessage': { QueueUrl, MaxNumberOfMessages: 10 },
  'sqs:DeleteMessageBatch': { QueueUrl, Entries: [{ Id: '0', ReceiptHandle: 'r' }] },
  'sqs:ChangeMessageVisibilityBatch': { QueueUrl, Entries: [{ Id: '0', ReceiptHandle: 'r', VisibilityTimeout: 0 }] },
  'sqs:GetQueueAttributes': { QueueUrl, AttributeNames: ['All'] },
  'sqs:PurgeQueue': { QueueUrl },
  'sns:PublishBatch': {
    TopicArn: 'arn:aws:sns:us-east-1:000000000000:topic.fifo',
    PublishBatchRequestEntries: [
      { Id: '0', Message: '+ &=é', MessageAttributes: { f0: { DataType: 'String', StringValue: "~!'()*" } } },
    ],
  },
  'dynamodb:GetItem': { TableName, Key },
  'dynamodb:BatchGetItem': { RequestItems: { [TableName]: { Keys: [Key] } } },
  'dynamodb:PutItem': { TableName, Item: Key },
  'dynamodb:UpdateItem': { TableName, Key, UpdateExpression: 'REMOVE x' },
  'dynamodb:DeleteItem': { TableName, Key },
  'dynamodb:TransactWriteItems': { TransactItems: [{ Put: { TableName, Item: Key } }] },
  'dynamodb:Query': { TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: 'a' } } },
  's3:PutObject': { ...object, Body: Buffer.from('x'), ContentType: 'text/plain' },
  's3:GetObject': object,
  's3:DeleteObject': object,
  's3:ListObjectsV2': { Bucket: object.Bucket, ContinuationToken: '1/a+b==&é' },
  'scheduler:CreateSchedule': {
    ...{ ...schedule, ScheduleExpression: 'at(2099-11-25T18:00:00)', FlexibleTimeWindow: { Mode: 'OFF' } },
    ...{ ActionAfterCompletion: 'DELETE', Target: { Arn: 'arn', RoleArn: 'arn', Input: '{"é":1}' } },
  },
  'scheduler:GetSchedule': schedule,
  'scheduler:DeleteSchedule': schedule,
  'scheduler:ListSchedules': { GroupName: schedule.GroupName, NamePrefix: 'a b+', MaxResults: 5, NextToken: 'a/b+c==' },
  'secretsmanager:GetSecretValue': { SecretId: 'shop/webhook' },
  'ses:SendEmail': {
    ...{ FromEmailAddress: 'a@example.com', Destination: { ToAddresses: ['b@example.com'] } },
    Raw: Buffer.from('Subject: x\r\n\r\ny'),
  },
};
