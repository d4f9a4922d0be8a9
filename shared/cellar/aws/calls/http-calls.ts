/**
 * Each call as HTTP: what goes out, and what comes back. What a worker seldom calls is loaded when it is needed, so that it
 * costs no cold start.
 */
import { loadRestCalls } from '#rest-calls';
import type { AwsOperation, AwsOperations } from '../calls.ts';
import { type AwsAnswer, type AwsRequest, type RequestContext, textOfAnswer } from './aws-request.ts';
import { targetRequest } from './json-requests.ts';

type Requests = {
  readonly [Operation in AwsOperation]: (
    input: AwsOperations[Operation]['input'],
    context: RequestContext,
  ) => AwsRequest | Promise<AwsRequest>;
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
  'sns:PublishBatch': async (...call) => (await loadRestCalls()).publishBatchRequest(...call),
  'dynamodb:GetItem': dynamodb,
  'dynamodb:BatchGetItem': dynamodb,
  'dynamodb:PutItem': dynamodb,
  'dynamodb:UpdateItem': dynamodb,
  'dynamodb:DeleteItem': dynamodb,
  'dynamodb:TransactWriteItems': dynamodb,
  'dynamodb:Query': dynamodb,
  's3:PutObject': async (...call) => (await loadRestCalls()).putObjectRequest(...call),
  's3:GetObject': async (...call) => (await loadRestCalls()).getObjectRequest(...call),
  's3:DeleteObject': async (...call) => (await loadRestCalls()).deleteObjectRequest(...call),
  's3:ListObjectsV2': async (...call) => (await loadRestCalls()).listObjectsRequest(...call),
  'scheduler:CreateSchedule': async (...call) => (await loadRestCalls()).schedulerRequests.create(...call),
  'scheduler:GetSchedule': async (...call) => (await loadRestCalls()).schedulerRequests.get(...call),
  'scheduler:DeleteSchedule': async (...call) => (await loadRestCalls()).schedulerRequests.delete(...call),
  'scheduler:ListSchedules': async (...call) => (await loadRestCalls()).schedulerRequests.list(...call),
  'secretsmanager:GetSecretValue': targetRequest('secretsmanager', 'secretsmanager', '1.1'),
  'ses:SendEmail': async (...call) => (await loadRestCalls()).sendEmailRequest(...call),
};

/** The request of one call. */
export async function requestOf<Operation extends AwsOperation>(
  input: AwsOperations[Operation]['input'],
  context: RequestContext & { readonly operation: Operation },
): Promise<AwsRequest> {
  const make: Requests[Operation] = requests[context.operation];
  return await make(input, context);
}

type Results = {
  readonly [Operation in AwsOperation]?: (
    answer: AwsAnswer,
  ) => AwsOperations[Operation]['output'] | Promise<AwsOperations[Operation]['output']>;
};

/** Those whose answer is not a JSON object of the operation's shape. */
const results: Results = {
  'sns:PublishBatch': async (answer) => (await loadRestCalls()).publishBatchResult(answer),
  's3:PutObject': () => ({}),
  's3:GetObject': async (answer) => (await loadRestCalls()).objectOf(answer),
  's3:ListObjectsV2': async (answer) => (await loadRestCalls()).objectsOf(answer),
};

/**
 * The result of a call that succeeded.
 * @throws SyntaxError where the answer cannot be read
 */
export async function resultOf<Operation extends AwsOperation>(
  operation: Operation,
  answer: AwsAnswer,
): Promise<AwsOperations[Operation]['output']> {
  const read: Results[Operation] = results[operation];
  if (read !== undefined) return await read(answer);
  return answer.body.length === 0 ? {} : JSON.parse(textOfAnswer(answer));
}
