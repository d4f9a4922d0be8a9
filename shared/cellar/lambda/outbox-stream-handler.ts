/**
 * The Lambda entry of an outbox on DynamoDB: rows that an application wrote beside its own, in one transaction, come as
 * events of the table's stream; the messages in them are published. A row need not be deleted: give it a TTL.
 */
import type { Item } from '../aws/calls.ts';
import type { OutgoingMessage, PublishOutcome } from '../broker.ts';
import type { Client } from '../client.ts';
import { describeError } from '../exception.ts';
import { openOnce } from './open-once.ts';

/** One record of a stream's event; the parts that are read (docs: Using Lambda with DynamoDB Streams). */
export interface StreamRecord {
  readonly eventName?: string;
  readonly dynamodb?: { readonly SequenceNumber?: string; readonly NewImage?: Item };
}

export interface StreamEvent {
  readonly Records: readonly StreamRecord[];
}

/** The answer of a function with ReportBatchItemFailures: the stream is read again from the first that is named. */
export interface StreamBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export type StreamHandler = (event: StreamEvent) => Promise<StreamBatchResponse>;

/** The messages that `cellar.prepare` composed, read from a row; none for a row that is not of the outbox. */
export type ReadOutboxRow = (row: Item) => readonly OutgoingMessage[];

interface Row {
  readonly sequenceNumber: string;
  readonly messages: readonly OutgoingMessage[];
  /** Why the row cannot be read, if so. */
  readonly problem?: string;
}

/**
 * Makes the handler of a table's stream. `open` gives the client of this process, once per cold start.
 *
 * All rows of an event are published in one call, in order. After one that was refused or cannot be read, the stream
 * is read again from there: what was published behind it is published again under the same ids. New rows only: a
 * change or an expiry publishes nothing.
 */
export function outboxStreamHandler(open: () => Promise<Client>, readRow: ReadOutboxRow): StreamHandler {
  const opened = openOnce(open);
  return async (event) => {
    const rows = event.Records.flatMap((record) => rowOf(record, readRow));
    if (rows.length === 0) return { batchItemFailures: [] };
    const client = await opened();
    const unreadable = rows.findIndex(({ problem }) => problem !== undefined);
    const readable = unreadable === -1 ? rows : rows.slice(0, unreadable);
    const outcomes = await client.backend.broker.publish(readable.flatMap(({ messages }) => messages));
    const failed = firstRefused(readable, outcomes) ?? rows[unreadable];
    if (failed === undefined) return { batchItemFailures: [] };
    client.log.error(`outbox: ${failed.problem}`, { sequenceNumber: failed.sequenceNumber });
    return { batchItemFailures: [{ itemIdentifier: failed.sequenceNumber }] };
  };
}

function rowOf({ eventName, dynamodb = {} }: StreamRecord, readRow: ReadOutboxRow): readonly Row[] {
  const { NewImage: image, SequenceNumber: sequenceNumber = '' } = dynamodb;
  if (eventName !== 'INSERT' || image === undefined) return [];
  try {
    return [{ sequenceNumber, messages: readRow(image) }];
  } catch (error) {
    return [{ sequenceNumber, messages: [], problem: `a row cannot be read: ${describeError(error)}` }];
  }
}

function firstRefused(rows: readonly Row[], outcomes: readonly PublishOutcome[]): Row | undefined {
  let next = 0;
  for (const row of rows) {
    for (const { correlationId } of row.messages) {
      const outcome = outcomes[next++];
      if (outcome?.status !== 'refused') continue;
      return { ...row, problem: `message ${correlationId} was refused: ${outcome.code}: ${outcome.reason}` };
    }
  }
  return undefined;
}
