/** Each call as HTTP: what goes out, and what comes back. */
import type { AwsOperation, AwsOperations } from '../calls.ts';
import { type AwsAnswer, type AwsRequest, type RequestContext, textOfAnswer } from './aws-request.ts';
import { schedulerRequests, sendEmailRequest, targetRequest } from './json-requests.ts';
import {
  deleteObjectRequest,
  getObjectRequest,
  listObjectsRequest,
  objectOf,
  objectsOf,
  putObjectRequest,
} from './object-requests.ts';
import { publishBatchRequest, publishBatchResult } from './publish-batch.ts';

type Requests = {
  readonly [Operation in AwsOperation]: (
    input: AwsOperations[Operation]['input'],
    context: RequestContext,
  ) => AwsRequest;
};

const sqs = targetRequest('sqs', 'AmazonSQS', '1.0');
const dynamodb = targetRequest('dynamodb', 'DynamoDB_20120810', '1.0');

const requests: Requests = {
  'sqs:SendMessageBatch': sqs,
  'sqs:ReceiveMessage': sqs,
  'sqs:DeleteMessageBatch': sqs,
  'sqs:ChangeMessageVisibilityBatch': sqs,
  'sqs:GetQueueAttributes': sqs,
  'sqs:PurgeQueue': sqs,
  'sns:PublishBatch': publishBatchRequest,
  'dynamodb:GetItem': dynamodb,
  'dynamodb:BatchGetItem': dynamodb,
  'dynamodb:PutItem': dynamodb,
  'dynamodb:UpdateItem': dynamodb,
  'dynamodb:DeleteItem': dynamodb,
  'dynamodb:TransactWriteItems': dynamodb,
  'dynamodb:Query': dynamodb,
  's3:PutObject': putObjectRequest,
  's3:GetObject': getObjectRequest,
  's3:DeleteObject': deleteObjectRequest,
  's3:ListObjectsV2': listObjectsRequest,
  'scheduler:CreateSchedule': schedulerRequests.create,
  'scheduler:GetSchedule': schedulerRequests.get,
  'scheduler:DeleteSchedule': schedulerRequests.delete,
  'scheduler:ListSchedules': schedulerRequests.list,
  'secretsmanager:GetSecretValue': targetRequest('secretsmanager', 'secretsmanager', '1.1'),
  'ses:SendEmail': sendEmailRequest,
};

/** The request of one call. */
export function requestOf<Operation extends AwsOperation>(
  input: AwsOperations[Operation]['input'],
  context: RequestContext & { readonly operation: Operation },
): AwsRequest {
  const make: Requests[Operation] = requests[context.operation];
  return make(input, context);
}

type Results = {
  readonly [Operation in AwsOperation]?: (answer: AwsAnswer) => AwsOperations[Operation]['output'];
};

/** Those whose answer is not a JSON object of the operation's shape. */
const results: Results = {
  'sns:PublishBatch': publishBatchResult,
  's3:PutObject': () => ({}),
  's3:GetObject': objectOf,
  's3:ListObjectsV2': objectsOf,
};

/**
 * The result of a call that succeeded.
 * @throws SyntaxError where the answer cannot be read
 */
export function resultOf<Operation extends AwsOperation>(
  operation: Operation,
  answer: AwsAnswer,
): AwsOperations[Operation]['output'] {
  const read: Results[Operation] = results[operation];
  if (read !== undefined) return read(answer);
  return answer.body.length === 0 ? {} : JSON.parse(textOfAnswer(answer));
}
