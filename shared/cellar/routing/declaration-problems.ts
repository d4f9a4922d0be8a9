import { didYouMean, unknownKeyProblems } from '../nearest.ts';
import { periodicTaskProblems } from '../schedule/periodic-task-problems.ts';
import type { ExchangeDeclaration, QueueDeclaration, TopologyDeclaration } from '../topology.ts';
import { bindingProblems } from './binding-problems.ts';
import { nameProblems, undeclared } from './name-problems.ts';

const SECTIONS = ['exchanges', 'queues', 'bindings', 'schedules'];
const TYPES = ['direct', 'fanout', 'topic', 'headers'];
const WAYS = ['sns', 'publisher'];

/** Whole numbers that a queue may have; SQS's limits for the first. */
const QUEUE_LIMITS = [
  { key: 'visibilityTimeoutSeconds', least: 1, most: 43_200 },
  { key: 'maxDeliveries', least: 1, most: 1_000 },
  { key: 'maxPriority', least: 0, most: 9 },
] as const;
const QUEUE_TYPES = ['quorum', 'classic'];

/** Everything that is wrong with a declared topology. */
export function declarationProblems(declaration: TopologyDeclaration): string[] {
  const { exchanges = {}, queues, bindings = [], schedules = {} } = declaration;
  const unknownSections = unknownKeyProblems('topology', declaration, SECTIONS);
  const shape = [
    ...Object.entries({ exchanges, queues, schedules }).flatMap(([name, section]) => recordProblems(name, section)),
    ...listProblems(bindings),
  ];
  // What has not even the right shape cannot be checked further.
  if (shape.length > 0) return [...unknownSections, ...shape];
  return [
    ...unknownSections,
    ...exchangeProblems(exchanges),
    ...queueProblems(queues),
    ...bindingProblems(bindings, { exchanges, queues }),
    ...periodicTaskProblems(schedules, queues),
  ];
}

function recordProblems(name: string, section: unknown): string[] {
  if (isRecord(section)) return entryProblems(name, section);
  return [`${name} is ${shown(section)}, allowed: an object of declarations by name`];
}

function listProblems(bindings: unknown): string[] {
  if (Array.isArray(bindings)) return entryProblems('bindings', bindings);
  return [`bindings is ${shown(bindings)}, allowed: an array`];
}

function entryProblems(section: string, entries: object): string[] {
  return Object.entries(entries)
    .filter(([, entry]) => !isRecord(entry))
    .map(([name, entry]) => `${section}: '${name}' is ${shown(entry)}, allowed: an object`);
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function exchangeProblems(exchanges: Readonly<Record<string, ExchangeDeclaration>>): string[] {
  const each = Object.entries(exchanges).flatMap(([name, exchange]) => {
    const { type, alternate, via } = exchange;
    const problems = unknownKeyProblems(`exchange '${name}'`, exchange, ['type', 'alternate', 'via']);
    if (!TYPES.includes(type)) {
      const hint = didYouMean(String(type), TYPES);
      problems.push(`exchange '${name}': type is ${shown(type)}${hint}, allowed: ${TYPES.join(', ')}`);
    }
    if (via !== undefined && !WAYS.includes(via))
      problems.push(
        `exchange '${name}': via is ${shown(via)}${didYouMean(String(via), WAYS)}, allowed: ${WAYS.join(', ')}`,
      );
    const unknown = alternate === undefined ? undefined : undeclared('exchange', alternate, exchanges);
    if (unknown !== undefined) problems.push(`exchange '${name}': alternate names ${unknown}`);
    return problems;
  });
  return [...nameProblems('exchange', Object.keys(exchanges)), ...each];
}

const SWITCHES = ['ordered', 'elsewhere'] as const;

function queueProblems(queues: Readonly<Record<string, QueueDeclaration>>): string[] {
  const keys = [...QUEUE_LIMITS.map(({ key }) => key), ...SWITCHES, 'type'];
  const each = Object.entries(queues).flatMap(([name, queue]) => [
    ...unknownKeyProblems(`queue '${name}'`, queue, keys),
    ...QUEUE_LIMITS.flatMap(({ key, least, most }) => {
      const value = queue[key];
      if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
      return [`queue '${name}': ${key} is ${shown(value)}, allowed: a whole number from ${least} to ${most}`];
    }),
    ...kindProblems(name, queue),
  ]);
  return [...nameProblems('queue', Object.keys(queues)), ...each];
}

function kindProblems(name: string, queue: QueueDeclaration): string[] {
  const { ordered, type, maxPriority = 0 } = queue;
  const problems = SWITCHES.filter((key) => queue[key] !== undefined && typeof queue[key] !== 'boolean').map(
    (key) => `queue '${name}': ${key} is ${shown(queue[key])}, allowed: true or false`,
  );
  if (type !== undefined && !QUEUE_TYPES.includes(type))
    problems.push(
      `queue '${name}': type is ${shown(type)}${didYouMean(String(type), QUEUE_TYPES)}, allowed: ${QUEUE_TYPES.join(', ')}`,
    );
  if (maxPriority > 0 && type === 'quorum')
    problems.push(`queue '${name}': maxPriority is ${maxPriority} and type is "quorum", allowed with it: "classic"`);
  if (maxPriority > 0 && ordered === true)
    problems.push(`queue '${name}': maxPriority is ${maxPriority} and ordered is true, allowed: one of them`);
  return problems;
}
