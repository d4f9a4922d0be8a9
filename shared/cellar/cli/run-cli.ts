/** The command line: finds the command, runs it, and turns every end into an exit code. */
import { CellarError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { libraryVersion } from '../version.ts';
import type { CliIo } from './cli-io.ts';
import { commands } from './commands.ts';
import { type ExitCode, errorLine, exitCodeOf } from './exit-code.ts';
import { Output } from './output.ts';
import { parseArguments } from './parse-arguments.ts';
import { commandUsage, programUsage } from './usage.ts';

/**
 * Runs one command and answers the exit code; never throws.
 *
 * A fault is one line on standard error. When standard output is closed early the code is 2.
 */
export async function runCli(io: CliIo): Promise<ExitCode> {
  const output = new Output(io);
  let code: ExitCode;
  try {
    code = await dispatch(io, output);
    // What is still in the pipe decides whether all went well.
    await output.end();
  } catch (error) {
    code = exitCodeOf(error);
    if (output.fault === undefined) output.note(errorLine(error));
    if (io.env.CELLAR_LOG_LEVEL === 'debug' && error instanceof Error) io.stderr.write(`${error.stack}\n`);
    await output.end();
  }
  return output.fault === undefined ? code : closedOutput(io, output.fault);
}

function closedOutput(io: CliIo, fault: NodeJS.ErrnoException): ExitCode {
  const broken = fault.code === 'EPIPE';
  const why = broken ? 'its reader closed it (broken pipe)' : fault.message;
  io.stderr.write(`cellar: the output was not written to its end: ${why}\n`);
  return broken ? 2 : 1;
}

async function dispatch(io: CliIo, output: Output): Promise<ExitCode> {
  const [name, ...rest] = io.argv;
  if (name === '--version') return print(output, `${await libraryVersion()}\n`);
  if (name === '--help' || name === '-h') return print(output, programUsage(commands));
  if (name?.startsWith('-')) {
    throw new CellarError(
      'bad-arguments',
      `the option ${name} stands before the command, allowed: cellar COMMAND ${name}`,
    );
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) throw unknownCommand(name);
  const { args, flags, common } = parseArguments(command, rest);
  if (common.help) return print(output, commandUsage(command));
  return command.run({ io, output, common }, args, flags);
}

function print(output: Output, text: string): ExitCode {
  output.text(text);
  return 0;
}

function unknownCommand(name: string | undefined): CellarError {
  const names = commands.map((command) => command.name);
  const got = name === undefined ? 'no command' : `unknown command '${name}'${didYouMean(name, names)}`;
  return new CellarError('bad-arguments', `${got}, allowed: ${names.join(', ')} (cellar --help)`);
}
