/** The command `npm run staff`. */
import { parseArgs } from 'node:util';
import type { Environment } from '../lambda-handler.ts';
import { STAFF_COMMANDS } from './commands.ts';
import { openCounter } from './open-counter.ts';

const OPTIONS = {
  broker: { type: 'string' },
  aws: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const LINES = Object.entries(STAFF_COMMANDS).map(
  ([name, { argument, says }]) => `  ${`${name} ${argument}`.padEnd(18)}${says}`,
);

const USAGE = `usage: npm run staff -- <command> [--broker <url>] [--aws]

${LINES.join('\n')}

  --broker <url>    which shop, such as sqs://eu-central-1/123456789012/wine-shop-prod (else CELLAR_BROKER_URL)
  --aws             may change what is on AWS itself, not only on an emulator
`;

export interface StaffAnswer {
  readonly text: string;
  readonly exitCode: 0 | 2;
}

/**
 * Runs one command.
 * @throws what opening the store or the command throws
 */
export async function runStaff(words: readonly string[], environment: Environment): Promise<StaffAnswer> {
  const { values, positionals } = parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  if (values.help) return { text: USAGE, exitCode: 0 };
  const [name = '', argument, ...more] = positionals;
  const command = Object.hasOwn(STAFF_COMMANDS, name) ? STAFF_COMMANDS[name] : undefined;
  if (command === undefined || (command.argument === '') !== (argument === undefined) || more.length > 0) {
    return { text: USAGE, exitCode: 2 };
  }
  const counter = await openCounter({
    ...environment,
    ...(values.broker === undefined ? undefined : { CELLAR_BROKER_URL: values.broker }),
    ...(values.aws === true ? { CELLAR_ALLOW_AWS: 'true' } : undefined),
  });
  try {
    return { text: await command.run(counter, argument ?? ''), exitCode: 0 };
  } finally {
    await counter.close();
  }
}
