import { parseArgs } from 'node:util';
import { CellarError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { type Command, commonFlags } from './command.ts';
import { type Flag, type Flags, type FlagValues, flagName } from './flag.ts';

export interface ParsedArguments {
  readonly args: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly common: FlagValues<typeof commonFlags>;
}

/**
 * Reads the arguments of one command.
 * @throws CellarError `bad-arguments` with all faults
 */
export function parseArguments(command: Command, argv: readonly string[]): ParsedArguments {
  const problems: string[] = [];
  const { words, given } = split({ ...commonFlags, ...command.flags }, argv, problems);
  const common = valuesOf(commonFlags, given, problems);
  const flags = valuesOf(command.flags, given, problems);
  const args = common.help ? {} : positionalsOf(command, words, problems);
  if (problems.length === 0) return { args, flags, common };
  throw new CellarError('bad-arguments', `${problems.join('; ')} (cellar ${command.name} --help)`, { problems });
}

/** Options as they were given, by their names on the command line. */
type Given = ReadonlyMap<string, readonly string[]>;

/** Tells options from words. */
function split(flags: Flags, argv: readonly string[], problems: string[]): { words: readonly string[]; given: Given } {
  const byName = new Map(Object.entries(flags).map(([key, flag]) => [flagName(key), flag]));
  const options = Object.fromEntries(
    [...byName].map(([name, { placeholder, short }]) => [
      name,
      {
        type: placeholder === undefined ? ('boolean' as const) : ('string' as const),
        multiple: true,
        ...(short === undefined ? undefined : { short }),
      },
    ]),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, string[]>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = byName.get(token.name);
    const problem = flag === undefined ? unknownFlag(token.rawName, byName.keys()) : valueProblem(token, flag);
    if (problem !== undefined) problems.push(problem);
    else given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? '']);
  }
  return { words, given };
}

interface OptionToken {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function valueProblem(
  { rawName, value, inlineValue }: OptionToken,
  { placeholder }: Flag<unknown>,
): string | undefined {
  if (placeholder === undefined) return inlineValue === true ? `${rawName} takes no value, got '${value}'` : undefined;
  const missing = value === undefined || (inlineValue !== true && value.startsWith('--'));
  return missing ? `${rawName} has no value, allowed: ${rawName} ${placeholder}` : undefined;
}

function unknownFlag(rawName: string, names: Iterable<string>): string {
  const known = [...names].map((name) => `--${name}`);
  return `unknown option ${rawName}${didYouMean(rawName, known)}, allowed: ${known.join(', ')}`;
}

function valuesOf<F extends Flags>(flags: F, given: Given, problems: string[]): FlagValues<F> {
  const values: Record<string, unknown> = {};
  for (const [key, flag] of Object.entries(flags)) {
    const name = flagName(key);
    const texts = given.get(name) ?? [];
    const read = flag.read(texts);
    const shown = texts.map(flag.show ?? ((text) => `'${text}'`)).join(', ');
    if (read === undefined) problems.push(`--${name} is ${shown}, allowed: ${flag.allowed}`);
    else values[key] = read.value;
  }
  return values as FlagValues<F>;
}

function positionalsOf(
  { name: commandName, positionals }: Command,
  words: readonly string[],
  problems: string[],
): Record<string, string | readonly string[]> {
  const values: Record<string, string | readonly string[]> = {};
  const names = Object.keys(positionals);
  let taken = 0;
  for (const [name, { optional, many, choices }] of Object.entries(positionals)) {
    const word = words[taken];
    if (many === true) {
      values[name] = words.slice(taken);
      taken = words.length;
    } else if (word === undefined) {
      if (optional !== true) problems.push(`${commandName} needs ${shownName(name, choices)}`);
    } else if (choices !== undefined && !choices.includes(word)) {
      problems.push(`${name} is '${word}'${didYouMean(word, choices)}, allowed: ${choices.join(', ')}`);
    } else values[name] = word;
    taken++;
  }
  for (const word of words.slice(taken)) {
    problems.push(`unexpected argument '${word}', allowed: ${names.join(' ') || 'none'}`);
  }
  return values;
}

function shownName(name: string, choices: readonly string[] | undefined): string {
  return choices === undefined ? name : `${name}: ${choices.join(', ')}`;
}
