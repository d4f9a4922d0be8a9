/** The texts of `--help`, made of the same tables that parse. */
import { type Command, commonFlags, type Positionals } from './command.ts';
import { type Flags, flagName } from './flag.ts';

const PROGRAM = 'cellar';

/** The help of the program: each command with an example. */
export function programUsage(commands: readonly Command[]): string {
  const list = commands.map(({ name, positionals, summary, example }) => [
    `  ${callOf(name, positionals)}`,
    summary,
    `$ ${PROGRAM} ${name} ${example}`.trimEnd(),
  ]);
  const described = list.map(([call, summary, example]) => `${call}\n      ${summary}\n      ${example}\n`).join('');
  return `usage: ${PROGRAM} COMMAND [arguments] [options]

commands:
${described}
options of every command:
${flagLines(commonFlags)}
  --version  show the version

exit codes: 0 fine · 1 the task or the broker failed · 2 wrong usage
`;
}

/** The help of one command. */
export function commandUsage({ name, positionals, flags, summary, example, moreExamples = [] }: Command): string {
  const words = Object.entries(positionals).map(([key, { help, choices }]): [string, string] => [
    key,
    choices === undefined ? help : `${help}: ${choices.join(', ')}`,
  ]);
  return `usage: ${PROGRAM} ${callOf(name, positionals)} [options]

${summary}
${section('arguments', lines(words))}${section('options', flagLines(flags))}${section('options of every command', flagLines(commonFlags))}
${moreExamples.length === 0 ? 'example' : 'examples'}:
${[example, ...moreExamples].map((text) => `  $ ${PROGRAM} ${name} ${text}`).join('\n')}`
    .trimEnd()
    .concat('\n');
}

function callOf(name: string, positionals: Positionals): string {
  const words = Object.entries(positionals).map(([word, { optional, many, choices }]) => {
    const shown = choices?.join('|') ?? word;
    if (many === true) return `[${shown} …]`;
    return optional === true ? `[${shown}]` : shown;
  });
  return [name, ...words].join(' ');
}

function section(title: string, text: string): string {
  return text === '' ? '' : `\n${title}:\n${text}\n`;
}

function flagLines(flags: Flags): string {
  return lines(
    Object.entries(flags).map(([key, { short, placeholder, help }]) => {
      const names = [...(short === undefined ? [] : [`-${short}`]), `--${flagName(key)}`].join(', ');
      return [placeholder === undefined ? names : `${names} ${placeholder}`, help];
    }),
  );
}

function lines(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
