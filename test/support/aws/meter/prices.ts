/** List prices of us-east-1 in USD, on demand, after the free tiers (November 2026). */

const MILLION = 1_000_000;
const GB = 1024 ** 3;

export const PRICES = {
  /** aws.amazon.com/sqs/pricing: a request is 64 KB at most, what is more is further requests. */
  sqsStandardRequest: 0.4 / MILLION,
  sqsFifoRequest: 0.5 / MILLION,
  /** aws.amazon.com/sns/pricing, FIFO topics: by request (a batch is one) and by the payload's size. */
  snsPublish: 0.3 / MILLION,
  snsPublishedByte: 0.017 / GB,
  snsDelivery: 0.01 / MILLION,
  snsDeliveredByte: 0.001 / GB,
  /** aws.amazon.com/dynamodb/pricing/on-demand. */
  dynamoWriteUnit: 0.625 / MILLION,
  dynamoReadUnit: 0.125 / MILLION,
  /** aws.amazon.com/eventbridge/pricing: a schedule costs when it fires; making and deleting it is free. */
  schedulerInvocation: 1 / MILLION,
  /** aws.amazon.com/s3/pricing. */
  s3Put: 5 / MILLION,
  s3Get: 0.4 / MILLION,
  /** aws.amazon.com/secrets-manager/pricing and aws.amazon.com/ses/pricing, attachments apart. */
  secretRead: 5 / MILLION,
  mail: 100 / MILLION,
} as const;
