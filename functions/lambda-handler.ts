/** A Hono app as a Lambda function: API Gateway's HTTP API events (payload 2.0) in, answers out. */
import { openOnce } from 'cellar/lambda';
import type { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Makes a Lambda handler whose app is opened at the first event, and again after a failure to open. */
export function lambdaHandler(open: () => Promise<Hono>) {
  const opened = openOnce(async () => handle(await open()));
  return async (event: LambdaEvent, context?: LambdaContext) => (await opened())(event, context);
}
