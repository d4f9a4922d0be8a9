import { didYouMean } from '../nearest.ts';

/** Letters that RabbitMQ, SQS and SNS all take (`.` becomes `-` on AWS), short enough for the suffixes added there. */
const NAME = /^[A-Za-z0-9_.-]{1,75}$/;

/** Prefixes that belong to RabbitMQ and to the delay queues that Cellar itself makes. */
const RESERVED_PREFIXES = ['amq.', 'cellar.delay'];

/** What is wrong with the name of a queue or exchange; `undefined` = nothing. */
export function nameProblem(kind: 'queue' | 'exchange', name: string): string | undefined {
  if (!NAME.test(name)) return `bad ${kind} name '${name}', allowed: 1 to 75 of the characters A-Z a-z 0-9 _ . -`;
  const prefix = RESERVED_PREFIXES.find((reserved) => name.startsWith(reserved));
  return prefix === undefined
    ? undefined
    : `bad ${kind} name '${name}', names that begin with '${prefix}' are reserved`;
}

/** What is wrong with the names of all queues, or of all exchanges: each by itself, and those that collide. */
export function nameProblems(kind: 'queue' | 'exchange', names: readonly string[]): string[] {
  const bad = names.map((name) => nameProblem(kind, name)).filter((problem) => problem !== undefined);
  const alike = Map.groupBy(names, (name) => onAws(name).toLowerCase());
  const collisions = [...alike.values()].flatMap(([first = '', ...others]) =>
    others.map((name) => `duplicate ${kind} '${name}': ${collision(first, name)}`),
  );
  return [...bad, ...collisions];
}

const onAws = (name: string): string => name.replaceAll('.', '-');

function collision(left: string, right: string): string {
  if (left.toLowerCase() === right.toLowerCase()) return `differs from '${left}' by letter case only`;
  return `on AWS, where '.' becomes '-', it is the same as '${left}'`;
}

/** What to say of a name that nothing declared has, with the names there are; `undefined` = it is declared. */
export function undeclared(kind: 'queue' | 'exchange', name: string, declared: object): string | undefined {
  if (Object.hasOwn(declared, name)) return undefined;
  const names = Object.keys(declared);
  const list = names.length === 0 ? 'none' : names.join(', ');
  return `unknown ${kind} '${name}'${didYouMean(name, names)}, declared: ${list}`;
}
