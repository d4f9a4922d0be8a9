/** `cellar/aws`: AWS's calls and names, for an application that keeps its own data there. */
export { openAwsCalls } from '#aws-calls';
export type { OpenAwsOptions } from './calls/open-calls.ts';
export {
  type AttributeValue,
  AwsCallError,
  type AwsCalls,
  type AwsOperation,
  type AwsOperations,
  type CallOptions,
  type Item,
  type TransactWriteItem,
} from './calls.ts';
export { type AwsLocation, awsNames, parseAwsUrl } from './location.ts';
