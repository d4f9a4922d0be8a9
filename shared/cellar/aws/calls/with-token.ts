/** Makes a call that is tried again one call for AWS. */
import type { AwsOperation, AwsOperations } from '../calls.ts';

/** Where AWS knows a repeated call by a token of the caller's: DynamoDB for 10 minutes, Scheduler as long. */
const TOKENS: { readonly [Operation in AwsOperation]?: keyof AwsOperations[Operation]['input'] } = {
  'dynamodb:TransactWriteItems': 'ClientRequestToken',
  'scheduler:CreateSchedule': 'ClientToken',
  'scheduler:DeleteSchedule': 'ClientToken',
};

/** The input with a token, unless it needs none or has one. */
export function withToken<Operation extends AwsOperation>(
  operation: Operation,
  input: AwsOperations[Operation]['input'],
  newId: () => string,
): AwsOperations[Operation]['input'] {
  const name: PropertyKey | undefined = TOKENS[operation];
  return name === undefined || name in input ? input : { ...input, [name]: newId() };
}
