#!/usr/bin/env node
/** The `cellar` command. */
import process from 'node:process';
import { systemRuntime } from '../clock.ts';
import { STOP_SIGNALS } from './cli-io.ts';
import { runCli } from './run-cli.ts';

const code = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  runtime: systemRuntime,
  onStopSignal(listener) {
    for (const signal of STOP_SIGNALS) process.on(signal, listener);
    return () => {
      for (const signal of STOP_SIGNALS) {
        // One more on the way out changes nothing: the exit code stays what it is.
        process.on(signal, () => undefined);
        process.off(signal, listener);
      }
    };
  },
});
// A task that was abandoned may still hold timers and sockets.
process.exit(code);
