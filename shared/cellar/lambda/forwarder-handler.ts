/** The Lambda entry of the delay queue: moves each message to its FIFO queue when it is due. */
import { openAwsCalls } from '#aws-calls';
import { awsNames, parseAwsUrl } from '../aws/location.ts';
import { openBatches } from '../brokers/aws/batches.ts';
import { type ForwardDelayed, forwardDelayed } from '../brokers/aws/forward-delayed.ts';
import { systemRuntime } from '../clock.ts';
import type { Logger } from '../log.ts';
import { openDynamoResults } from '../results/dynamodb/open-dynamo-results.ts';
import { loadSettings } from '../settings.ts';
import { stderrLogger } from '../stderr-logger.ts';
import { revokedUpdate } from '../worker/result-update.ts';
import { openOnce } from './open-once.ts';
import type { SqsBatchResponse, SqsEvent } from './sqs-event.ts';

export interface Forwarder {
  readonly forward: ForwardDelayed;
  readonly log: Logger;
}

export interface ForwarderOptions {
  /** Opens it, once per cold start. @default from the environment's `CELLAR_*` variables */
  readonly open?: () => Promise<Forwarder>;
}

export type ForwarderHandler = (event: SqsEvent) => Promise<SqsBatchResponse>;

/**
 * Makes the function of the delay queue. It needs no topology: a message says which queue it is for. What could not be
 * moved comes again, and goes to the queue of undelivered messages in the end; the handler throws, so that all come
 * again, where the result store does not answer.
 */
export function forwarderHandler({ open = openForwarder }: ForwarderOptions = {}): ForwarderHandler {
  const opened = openOnce(open);
  return async ({ Records: records }) => {
    const { forward, log } = await opened();
    const faults = await forward(records.map(({ messageId, body }) => ({ messageId, body })));
    const failures = records.flatMap(({ messageId }, index) => {
      if (faults[index] === undefined) return [];
      log.error(`a delayed message was not forwarded: ${faults[index]}`, { messageId });
      return [{ itemIdentifier: messageId }];
    });
    return { batchItemFailures: failures };
  };
}

async function openForwarder(): Promise<Forwarder> {
  const settings = loadSettings(process.env);
  const runtime = systemRuntime;
  const { create: _create, ...location } = parseAwsUrl(settings.brokerUrl, settings.awsEndpointUrl);
  const calls = openAwsCalls(location, runtime, { allowAws: settings.allowAws });
  const table = awsNames.resultsTable(location.prefix);
  const { results } = openDynamoResults({ calls, table, runtime, expiresSeconds: settings.resultExpiresSeconds });
  const forward = forwardDelayed({
    location,
    runtime,
    results,
    revokedUpdate,
    batches: openBatches({ calls, location, runtime }),
  });
  return { forward, log: stderrLogger(settings, runtime) };
}
