/** One command: its name, arguments, options, help and code. */
import { path, url } from '../settings/value-reader.ts';
import type { CliIo } from './cli-io.ts';
import type { ExitCode } from './exit-code.ts';
import { type Flags, type FlagValues, option, toggle } from './flag.ts';
import type { Output } from './output.ts';

export interface Positional {
  readonly help: string;
  readonly optional?: true;
  /** All words that are left, none too. Only the last. */
  readonly many?: true;
  /** The words allowed. @default any */
  readonly choices?: readonly string[];
}

/** Positional arguments in their order. */
export type Positionals = Readonly<Record<string, Positional>>;
type PositionalValues<P extends Positionals> = {
  readonly [Name in keyof P]: P[Name] extends { readonly many: true }
    ? readonly string[]
    : P[Name] extends { readonly optional: true }
      ? string | undefined
      : string;
};

/** Options that every command has. */
export const commonFlags = {
  app: option('PATH', 'module that exports the application (default: "cellar": {"app"} in package.json)', {
    ...path,
    allowed: 'the path of a module',
    short: 'A',
  }),
  broker: option(
    'URL',
    'broker instead of CELLAR_BROKER_URL',
    url(['embedded:', 'memory:', 'sqs:', 'amqp:', 'amqps:']),
  ),
  dataDir: option('PATH', 'data folder of the embedded broker instead of CELLAR_DATA_DIR', path),
  aws: toggle('may call AWS itself, as CELLAR_ALLOW_AWS=true; without it only an emulator (AWS_ENDPOINT_URL)'),
  json: toggle('print JSON instead of text'),
  help: toggle('show this help', 'h'),
} satisfies Flags;

/** What a command's code gets beside its own arguments. */
export interface CommandContext {
  readonly io: CliIo;
  readonly output: Output;
  readonly common: FlagValues<typeof commonFlags>;
}

interface CommandInfo {
  readonly name: string;
  readonly summary: string;
  /** Arguments of an example call, the command's name left out. */
  readonly example: string;
  /** Further ones, shown in the command's own help. @default none */
  readonly moreExamples?: readonly string[];
}

export interface Command extends CommandInfo {
  readonly positionals: Positionals;
  readonly flags: Flags;
  run(
    context: CommandContext,
    args: Readonly<Record<string, string | readonly string[] | undefined>>,
    flags: Readonly<Record<string, unknown>>,
  ): Promise<ExitCode>;
}

interface CommandDefinition<P extends Positionals, F extends Flags> extends CommandInfo {
  readonly positionals: P;
  readonly flags: F;
  run(context: CommandContext, args: PositionalValues<P>, flags: FlagValues<F>): Promise<ExitCode>;
}

/** Declares a command; types the values that its code gets by its declared arguments and options. */
export function command<const P extends Positionals, const F extends Flags>(
  definition: CommandDefinition<P, F>,
): Command {
  return definition;
}
