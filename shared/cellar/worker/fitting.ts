/** Makes results fit into a store that limits them: what people look at is cut, what a program reads is refused. */
import { encodeJson } from '../celery/tagged-json.ts';
import { CellarError } from '../errors.ts';
import { encodeException, NamedException } from '../exception.ts';
import type { ResultUpdate } from '../result-store.ts';

/** Most bytes that one character of a text takes in UTF-8, and in JSON: a control character as six. */
const BYTES_PER_CHARACTER = 6;
/** Of the limit, what arguments, a traceback and an exception's text may each have. */
const SHARE = 16;
/** What an update has beside its long texts stays below, in bytes. */
const USUAL_BYTES = 4_096;

/**
 * The update as the store can hold it.
 * @throws CellarError `message-too-large` when its result, or what it saves to publish, is too large
 */
export function fitting(update: ResultUpdate, maxBytes: number | undefined): ResultUpdate {
  if (maxBytes === undefined || isSurelySmall(update, maxBytes)) return update;
  const most = Math.floor(maxBytes / SHARE);
  const cut: ResultUpdate = {
    ...update,
    args: shortJson(update.args, most),
    kwargs: shortJson(update.kwargs, most),
    ...(update.traceback === undefined
      ? undefined
      : { traceback: update.traceback.slice(0, most / BYTES_PER_CHARACTER) }),
  };
  const bytes = Buffer.byteLength(JSON.stringify(cut));
  if (bytes <= maxBytes) return cut;
  const what =
    update.outbox === undefined ? 'the result has' : 'the result and the messages of a task marked once have';
  throw new CellarError(
    'message-too-large',
    `${what} ${bytes} bytes, allowed by this result store: at most ${maxBytes}`,
  );
}

/** Of an exception: its name and as much of its text as fits; what waits for the task is told why it failed. */
export function shortException(error: unknown, maxBytes: number | undefined): string {
  const full = encodeException(error);
  if (maxBytes === undefined) return full;
  const most = Math.floor(maxBytes / SHARE);
  if (Buffer.byteLength(full) <= most) return full;
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return encodeException(new NamedException(name, message.slice(0, most / BYTES_PER_CHARACTER)));
}

function isSurelySmall(
  { result, args, kwargs, traceback = '', children = [], outbox }: ResultUpdate,
  maxBytes: number,
): boolean {
  const characters = result.length + args.length + kwargs.length + traceback.length + children.join().length;
  return outbox === undefined && characters * BYTES_PER_CHARACTER + USUAL_BYTES <= maxBytes;
}

/** Arguments are stored for people: the beginning of what is too long for them is shown as text. */
function shortJson(json: string, mostBytes: number): string {
  return json.length <= mostBytes / BYTES_PER_CHARACTER ? json : encodeJson(`${json.slice(0, 1000)}…`);
}
