import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { commands } from '../../../shared/cellar/cli/commands.ts';
import { dataFolder, runHere } from './run-cli-here.ts';

const data = dataFolder();

describe('wrong usage', () => {
  const id = '7f9c24e8-3b12-4fef-91e0-17a1f1c0a001';
  const cases: readonly (readonly [string, readonly string[], string | RegExp])[] = [
    ['an option before the command', ['--json'], /^cellar: the option --json stands before the command, allowed: /],
    ['an unknown command', ['wroker'], /^cellar: unknown command 'wroker', did you mean 'worker', allowed: /],
    ['an unknown option', ['result', id, '--wiat'], /unknown option --wiat, did you mean '--wait', allowed: --app, /],
    ['a missing argument', ['send'], /^cellar: send needs NAME \(cellar send --help\)/],
    ['a missing choice', ['inspect'], /^cellar: inspect needs WHAT: queues, tasks, schedules, ping, /],
    [
      'a wrong choice',
      ['inspect', 'quues'],
      /WHAT is 'quues', did you mean 'queues', allowed: queues, tasks, schedules/,
    ],
    ['an argument too many', ['revoke', id, 'other'], /unexpected argument 'other', allowed: ID/],
    ['an option without its value', ['inspect', 'tasks', '--limit'], /--limit has no value, allowed: --limit N/],
    ['an option whose value is another option', ['result', id, '--timeout', '--wait'], /--timeout has no value/],
    ['a switch with a value', ['result', id, '--wait=yes'], /--wait takes no value, got 'yes'/],
    [
      'a number that is none',
      ['inspect', 'tasks', '--limit', 'ten'],
      /--limit is 'ten', allowed: a whole number from 1 /,
    ],
    [
      'a time without offset',
      ['send', 'kitchen.add', '[1,2]', '--eta', '2026-12-24'],
      /--eta is '2026-12-24', allowed: an ISO/,
    ],
    [
      'a time that does not exist',
      ['send', 'kitchen.add', '[1,2]', '--eta', '2026-13-40T10:00:00Z'],
      /--eta is '2026-13-40/,
    ],
    ['a header without a value', ['route', 'dishes', '--header', 'spicy'], /--header is 'spicy', allowed: NAME=VALUE/],
    [
      'an unknown exchange',
      ['route', 'dishs'],
      /unknown exchange 'dishs', did you mean 'dishes', declared: dishes, labels/,
    ],
    [
      'an unknown queue to purge',
      ['purge', 'kitchn', '--yes'],
      /unknown queue 'kitchn', did you mean 'kitchen', allowed: kitchen/,
    ],
    ['an unknown queue to redrive', ['redrive', 'x'], /unknown queue 'x', allowed: kitchen/],
    [
      'an unknown queue of a worker',
      ['worker', '-Q', 'kitchen,kitchin'],
      /unknown queue 'kitchin', did you mean 'kitchen'/,
    ],
    ['an unknown queue to send to', ['send', 'kitchen.add', '[1,2]', '--queue', 'kichen'], /unknown queue 'kichen'/],
    ['an unknown task', ['send', 'kitchen.ad', '[]'], /unknown task 'kitchen.ad', did you mean 'kitchen.add', known: /],
    ['arguments that are not JSON', ['send', 'kitchen.add', '{x: 1}'], /the arguments \{x: 1\} are not JSON: /],
    [
      'arguments that are no list or object',
      ['send', 'kitchen.add', '42'],
      /the arguments are 42, allowed: a JSON array in order/,
    ],
    [
      'an unknown type tag',
      ['send', 'kitchen.add', '[{"__type__":"set","__value__":"x"}]'],
      /unknown tagged type "set"/,
    ],
    [
      'a missing argument of the task',
      ['send', 'kitchen.add', '[1]'],
      /kitchen.add\(\) missing a required argument: 'y'/,
    ],
    [
      'a wrong argument of the task',
      ['send', 'kitchen.add', '{"x":1,"y":"b"}'],
      /argument 'y' is not valid: expected a number/,
    ],
    [
      'an argument that the task does not have',
      ['send', 'kitchen.add', '{"x":1,"y":2,"z":3}'],
      /unexpected keyword argument 'z'/,
    ],
    [
      'two ways to say when',
      ['send', 'kitchen.add', '[1,2]', '--countdown', '5', '--eta', '2027-01-01T00:00:00Z'],
      /countdown/,
    ],
    [
      'a broker that is none',
      ['inspect', 'queues', '--broker', 'https://me:secret@host/'],
      /--broker is 'https:\/\/.*', allowed: a URL/,
    ],
    ['a broker inside one process', ['inspect', 'queues', '--broker', 'memory:'], /memory: lives inside one process/],
  ];

  it.each(cases)('%s is one line and exit code 2', async (_what, argv, line) => {
    const { code, stdout, stderr } = await data.cellar(argv);
    expect(stderr).toMatch(line);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('no command is one line and exit code 2', async () => {
    const { code, stdout, stderr } = await runHere([]);
    expect(stderr).toMatch(/^cellar: no command, allowed: worker, beat, send, .*\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('shows no password of a broker URL', async () => {
    const { stderr } = await data.cellar(['inspect', 'queues', '--broker', 'https://me:secret@host/']);
    expect(stderr).not.toContain('secret');
  });

  it('reports all faults of one call together', async () => {
    const { stderr } = await data.cellar(['send', '--bogus', '--countdown', 'soon']);
    expect(stderr).toMatch(/unknown option --bogus.*--countdown is 'soon'.*send needs NAME/);
  });

  it('puts several faults of the settings into one line', async () => {
    const env = { CELLAR_LOG_LEVEL: 'loud', CELLAR_TIMEZONE: 'Mars/Base' };
    const { code, stderr } = await data.cellar(['inspect', 'queues'], { env });
    expect(stderr).toMatch(/^cellar: bad settings: 2 problems: .*TIMEZONE.*; .*LOG_LEVEL.*\n$/);
    expect(code).toBe(2);
  });

  it('takes terminal escapes out of what it repeats', async () => {
    const { stderr } = await data.cellar(['\u001b[31mred\n']);
    expect(stderr).toContain("unknown command '\\u001b[31mred\\n'");
  });
});

describe('help', () => {
  it('lists every command with an example', async () => {
    const { code, stdout, stderr } = await runHere(['--help']);
    for (const { name, example } of commands) expect(stdout).toContain(`$ cellar ${name} ${example}`);
    expect({ code: 0, stderr: '' }).toEqual({ code, stderr });
  });

  it.each(commands.map(({ name }) => name))(
    'of %s names its arguments and options and has an example',
    async (name) => {
      const command = commands.find((candidate) => candidate.name === name);
      const { code, stdout } = await data.cellar([name, '--help']);
      expect(code).toBe(0);
      const examples = [command?.example, ...(command?.moreExamples ?? [])].map((text) => `  $ cellar ${name} ${text}`);
      const title = examples.length > 1 ? 'examples' : 'example';
      expect(stdout).toContain(`${title}:\n${examples.join('\n').trimEnd()}`);
      for (const positional of Object.keys(command?.positionals ?? {})) expect(stdout).toContain(`  ${positional}  `);
      for (const { help } of Object.values(command?.flags ?? {})) expect(stdout).toContain(help);
    },
  );

  it('is shown although arguments are missing', async () => {
    expect(await data.cellar(['send', '-h'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('knows the version', async () => {
    const { version } = JSON.parse(await readFile('shared/cellar/package.json', 'utf8'));
    expect(await runHere(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});
