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
  readonly dynamodb?: {
    readonly SequenceNumber?: string;
    readonly NewImage?: Item;
    /** Seconds since the epoch. */
    readonly ApproximateCreationDateTime?: number;
  };
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

/**
 * Keeps a row that cannot be published where a person finds it, with the reason. When it resolves, the row counts as
 * done; it may be called again for the same row.
 */
export type SetAside = (row: Item, problem: string) => Promise<void>;

export interface OutboxStreamOptions {
  /** @default none: the stream is read again until it or Lambda gives up, and what is behind the row waits */
  readonly setAside?: SetAside;
  /** How old a row is set aside: what refuses it may be a deployment that is under way. @default 60 */
  readonly setAsideAfterSeconds?: number;
}

interface Row {
  readonly image: Item;
  readonly sequenceNumber: string;
  readonly writtenAtMs: number;
  readonly messages: readonly OutgoingMessage[];
  /** Why the row cannot be read, if so. */
  readonly problem?: string;
}

interface FailedRow extends Row {
  readonly problem: string;
  /** Whether the same may succeed later without anybody's doing. */
  readonly isPassing: boolean;
}

/**
 * Makes the handler of a table's stream. `open` gives the client of this process, once per cold start.
 *
 * All rows of an event are published in one call, in order. From the first one that was refused, the stream is read
 * again: what was published behind it is published again under the same ids. A row that can never be published, because
 * it cannot be read or is refused for a reason that does not pass, is set aside after a while, so that it holds up
 * nothing. New rows only: a change or an expiry publishes nothing.
 */
export function outboxStreamHandler(
  open: () => Promise<Client>,
  readRow: ReadOutboxRow,
  { setAside, setAsideAfterSeconds = 60 }: OutboxStreamOptions = {},
): StreamHandler {
  const opened = openOnce(open);
  return async (event) => {
    const rows = event.Records.flatMap((record) => rowOf(record, readRow));
    if (rows.length === 0) return { batchItemFailures: [] };
    const client = await opened();
    const outcomes = await client.backend.broker.publish(rows.flatMap(({ messages }) => messages));
    for (const row of failedRows(rows, outcomes)) {
      const { image, sequenceNumber, problem, isPassing, writtenAtMs } = row;
      client.log.error(`outbox: ${problem}`, { sequenceNumber });
      const isOld = client.runtime.clock.now() - writtenAtMs >= setAsideAfterSeconds * 1000;
      if (setAside === undefined || isPassing || !isOld) {
        return { batchItemFailures: [{ itemIdentifier: sequenceNumber }] };
      }
      await setAside(image, problem);
    }
    return { batchItemFailures: [] };
  };
}

function rowOf({ eventName, dynamodb = {} }: StreamRecord, readRow: ReadOutboxRow): readonly Row[] {
  const { NewImage: image, SequenceNumber: sequenceNumber = '', ApproximateCreationDateTime: writtenAt = 0 } = dynamodb;
  if (eventName !== 'INSERT' || image === undefined) return [];
  const row = { image, sequenceNumber, writtenAtMs: writtenAt * 1000 };
  try {
    return [{ ...row, messages: readRow(image) }];
  } catch (error) {
    return [{ ...row, messages: [], problem: `a row cannot be read: ${describeError(error)}` }];
  }
}

/** The rows that cannot be read, or with a message that was refused; in order. */
function failedRows(rows: readonly Row[], outcomes: readonly PublishOutcome[]): readonly FailedRow[] {
  let next = 0;
  return rows.flatMap((row) => {
    const own = row.messages.map(({ correlationId }) => ({ correlationId, outcome: outcomes[next++] }));
    if (row.problem !== undefined) return [{ ...row, problem: row.problem, isPassing: false }];
    const refusals = own.flatMap(({ correlationId, outcome }) =>
      outcome?.status === 'refused' ? [{ ...outcome, correlationId }] : [],
    );
    // One that may pass decides: the row is then tried again as a whole.
    const refused = refusals.find(({ code }) => code === 'broker-unavailable') ?? refusals[0];
    if (refused === undefined) return [];
    const { correlationId, code, reason } = refused;
    const problem = `message ${correlationId} was refused: ${code}: ${reason}`;
    return [{ ...row, problem, isPassing: code === 'broker-unavailable' }];
  });
}
