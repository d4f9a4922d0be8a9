import { didYouMean, unknownKeyProblems } from '../nearest.ts';
import type { BindingDeclaration, TopologyDeclaration } from '../topology.ts';
import { canonicalJson } from './canonical-json.ts';
import { undeclared } from './name-problems.ts';

const KEYS = ['exchange', 'queue', 'toExchange', 'key', 'arguments'];
const MATCH_MODES = ['all', 'any', 'all-with-x', 'any-with-x'];

/** AMQP's short string. */
const LONGEST_KEY_BYTES = 255;

type Declared = Pick<TopologyDeclaration, 'exchanges' | 'queues'>;

/** What is wrong with the bindings of a topology, each alone and together. */
export function bindingProblems(bindings: readonly BindingDeclaration[], declared: Declared): string[] {
  const alone = bindings.flatMap((binding, place) => {
    const subject = subjectOf(binding, place);
    return [
      ...unknownKeyProblems(subject, binding, KEYS),
      ...sourceProblems(subject, binding, declared),
      ...targetProblems(subject, binding, declared),
      ...keyProblems(subject, binding),
      ...argumentProblems(subject, binding, declared),
    ];
  });
  return [...alone, ...duplicateProblems(bindings)];
}

function subjectOf({ exchange, queue, toExchange }: BindingDeclaration, place: number): string {
  return `binding ${place + 1} ('${exchange}' to '${queue ?? toExchange ?? ''}')`;
}

function prefixed(subject: string, problem: string | undefined): string[] {
  return problem === undefined ? [] : [`${subject}: ${problem}`];
}

function sourceProblems(subject: string, { exchange }: BindingDeclaration, { exchanges = {} }: Declared): string[] {
  if (exchange === '')
    return [`${subject}: the default exchange '' cannot be bound, it reaches every queue by its name`];
  return prefixed(subject, undeclared('exchange', exchange, exchanges));
}

function targetProblems(subject: string, { queue, toExchange }: BindingDeclaration, declared: Declared): string[] {
  if (queue !== undefined && toExchange !== undefined) {
    return [`${subject}: has both queue '${queue}' and toExchange '${toExchange}', allowed: one of them`];
  }
  if (queue !== undefined) return prefixed(subject, undeclared('queue', queue, declared.queues));
  if (toExchange !== undefined) return prefixed(subject, undeclared('exchange', toExchange, declared.exchanges ?? {}));
  return [`${subject}: has neither queue nor toExchange, allowed: one of them`];
}

function keyProblems(subject: string, { key }: BindingDeclaration): string[] {
  if (key === undefined) return [];
  if (typeof key !== 'string') return [`${subject}: key is ${JSON.stringify(key)}, allowed: a string`];
  const bytes = Buffer.byteLength(key);
  if (bytes <= LONGEST_KEY_BYTES) return [];
  return [`${subject}: key '${key.slice(0, 40)}…' has ${bytes} bytes, allowed: at most ${LONGEST_KEY_BYTES} (UTF-8)`];
}

function argumentProblems(subject: string, binding: BindingDeclaration, { exchanges = {} }: Declared): string[] {
  const wanted = binding.arguments ?? {};
  const type = Object.hasOwn(exchanges, binding.exchange) ? exchanges[binding.exchange]?.type : undefined;
  if (type === undefined || Object.keys(wanted).length === 0) return [];
  if (type !== 'headers') {
    return [
      `${subject}: has arguments ${canonicalJson(wanted)}, allowed: only on a headers exchange, not on a ${type} one`,
    ];
  }
  const mode = wanted['x-match'] ?? 'all';
  const modes = MATCH_MODES.join(', ');
  const badMode = MATCH_MODES.some((allowed) => allowed === mode)
    ? []
    : [`${subject}: x-match is ${JSON.stringify(mode)}${didYouMean(String(mode), MATCH_MODES)}, allowed: ${modes}`];
  const badValues = Object.entries(wanted)
    .filter(([, value]) => !isJson(value))
    .map(([name, value]) => `${subject}: argument '${name}' is ${String(value)}, allowed: JSON values`);
  return [...badMode, ...badValues];
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'object' && Object.values(value).every(isJson);
}

function duplicateProblems(bindings: readonly BindingDeclaration[]): string[] {
  const firstPlace = new Map<string, number>();
  return bindings.flatMap((binding, place) => {
    const { exchange, queue = null, toExchange = null, key = '' } = binding;
    const identity = canonicalJson([exchange, queue, toExchange, key, { 'x-match': 'all', ...binding.arguments }]);
    const first = firstPlace.get(identity);
    if (first === undefined) firstPlace.set(identity, place);
    return first === undefined ? [] : [`${subjectOf(binding, place)}: duplicate of binding ${first + 1}`];
  });
}
