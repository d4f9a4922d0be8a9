/** What commands print: text or JSON on standard output, notes and progress on standard error. */
import { encodeJson } from '../celery/tagged-json.ts';
import type { CliIo, TextOutput } from './cli-io.ts';
import { plainText } from './plain-text.ts';

export class Output {
  readonly #io: Pick<CliIo, 'stdout' | 'stderr'>;
  readonly #gone = new AbortController();
  readonly #detach: () => void;
  #fault: NodeJS.ErrnoException | undefined;
  #progress = false;

  constructor(io: Pick<CliIo, 'stdout' | 'stderr'>) {
    this.#io = io;
    const onFault = (error: NodeJS.ErrnoException): void => {
      this.#fault ??= error;
      this.#gone.abort();
    };
    const ignore = (): void => {};
    io.stdout.on('error', onFault);
    io.stderr.on('error', ignore);
    this.#detach = () => {
      io.stdout.off('error', onFault);
      io.stderr.off('error', ignore);
    };
  }

  /** Fires when nobody reads standard output any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Why standard output cannot be written, if it cannot. */
  get fault(): NodeJS.ErrnoException | undefined {
    return this.#fault;
  }

  /** Prints lines, their ends included. */
  text(text: string): void {
    this.#clearProgress();
    if (this.#fault === undefined) this.#io.stdout.write(text);
  }

  /** Prints a value as one line of JSON, with Celery's tagged types where it holds some. */
  json(value: unknown): void {
    this.text(`${encodeJson(value)}\n`);
  }

  /** One line for a person on standard error. */
  note(line: string): void {
    this.#clearProgress();
    this.#io.stderr.write(`cellar: ${plainText(line)}\n`);
  }

  /** A line that the next one replaces; only where a person watches. */
  progress(line: string): void {
    if (this.#io.stderr.isTTY !== true) return;
    this.#io.stderr.write(`\r\u001b[K${plainText(line)}`);
    this.#progress = true;
  }

  /** Waits until all is written or cannot be, and lets the streams go. */
  async end(): Promise<void> {
    this.#clearProgress();
    await flushed(this.#io.stdout, this.gone);
    await flushed(this.#io.stderr, this.gone);
    this.#detach();
  }

  #clearProgress(): void {
    if (!this.#progress) return;
    this.#io.stderr.write('\r\u001b[K');
    this.#progress = false;
  }
}

function flushed(stream: TextOutput, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (gone.aborted) return resolve();
    gone.addEventListener('abort', () => resolve(), { once: true });
    stream.write('', () => resolve());
  });
}
