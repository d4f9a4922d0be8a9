/** What the command line touches of its process, so that tests run it without one. */
import type { Runtime } from '../clock.ts';
import type { Environment } from '../settings.ts';

/** A stream that text is written to: standard output or standard error. */
export type TextOutput = NodeJS.WritableStream & { readonly isTTY?: boolean };

export interface CliIo {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Working directory: where the search for the application begins. */
  readonly cwd: string;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly runtime: Runtime;
  /** Calls `listener` at each SIGINT and SIGTERM; the returned function ends that. */
  readonly onStopSignal: (listener: () => void) => () => void;
}
