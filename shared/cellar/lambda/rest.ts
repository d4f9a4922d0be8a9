/**
 * What a function loads when it is first needed. It is one module, because each that is loaded by itself would split what
 * is loaded at the start into one more file.
 */
export { restCalls } from '../aws/calls/rest-calls.ts';
export { openAws } from '../brokers/aws/open-aws.ts';
export { later } from '../worker/later.ts';
