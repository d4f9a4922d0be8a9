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
  /** Calls `listener` at each of these signals; the returned function ends that. */
  readonly onStopSignal: (listener: (signal: StopSignal) => void) => () => void;
}

/** Signals that ask for an end: SIGQUIT at once, the others when what runs is done. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];
