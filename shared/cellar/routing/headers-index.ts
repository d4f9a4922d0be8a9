import type { Headers } from '../broker.ts';
import { canonicalJson } from './canonical-json.ts';

/** What one header must be. */
interface Condition {
  readonly name: string;
  /** `null`: present, with any value. */
  readonly wanted: unknown;
  /** Text of a nested `wanted`, compared without regard to the order of keys. */
  readonly wantedText: string | undefined;
}

/** Conditions that must all hold. A binding with `any` is one such conjunction per header. */
interface Conjunction<Value> {
  readonly conditions: readonly Condition[];
  readonly value: Value;
}

/** The conjunctions looked up by one header name. */
interface Slot<Value> {
  readonly byValue: Map<unknown, Conjunction<Value>[]>;
  /** Those that want presence or a nested value. */
  readonly others: Conjunction<Value>[];
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function conditionsOf(bindingArguments: Headers, withX: boolean): Condition[] {
  return Object.entries(bindingArguments)
    .filter(([name]) => (withX ? name !== 'x-match' : !name.startsWith('x-')))
    .map(([name, wanted]) => ({ name, wanted, wantedText: isNested(wanted) ? canonicalJson(wanted) : undefined }));
}

function holds({ name, wanted, wantedText }: Condition, headers: Headers): boolean {
  if (!Object.hasOwn(headers, name)) return false;
  const value = headers[name];
  if (wanted === null) return value !== undefined;
  if (wantedText === undefined) return value === wanted;
  return isNested(value) && canonicalJson(value) === wantedText;
}

/** The condition that leads to fewest others when looked up: a plain value before a nested one before presence. */
function keyCondition(conditions: readonly Condition[]): Condition | undefined {
  return (
    conditions.find(({ wanted }) => wanted !== null && !isNested(wanted)) ??
    conditions.find(({ wanted }) => wanted !== null) ??
    conditions[0]
  );
}

/**
 * Bindings of a headers exchange, found by one of the headers that each wants.
 *
 * The rules are RabbitMQ's: `x-match` is `all` (the default), `any`, `all-with-x` or `any-with-x`; plain `all`
 * and `any` skip names that begin with `x-`; null wants presence only; `all` of nothing matches every message,
 * `any` of nothing matches none. Types count: `"8"` is not `8`.
 */
export class HeadersIndex<Value> {
  readonly #slots = new Map<string, Slot<Value>>();
  readonly #always: Value[] = [];

  add(bindingArguments: Headers, value: Value): void {
    const mode = bindingArguments['x-match'] ?? 'all';
    const conditions = conditionsOf(bindingArguments, mode === 'all-with-x' || mode === 'any-with-x');
    if (mode === 'any' || mode === 'any-with-x') {
      for (const condition of conditions) this.#addConjunction({ conditions: [condition], value });
    } else {
      this.#addConjunction({ conditions, value });
    }
  }

  /** Adds the values of all bindings that match `headers` to `found`; one binding perhaps several times. */
  match(headers: Headers, found: Value[]): void {
    for (const value of this.#always) found.push(value);
    if (this.#slots.size === 0) return;
    for (const name of Object.keys(headers)) {
      const slot = this.#slots.get(name);
      if (slot === undefined) continue;
      collect(slot.byValue.get(headers[name]) ?? [], headers, found);
      collect(slot.others, headers, found);
    }
  }

  #addConjunction(conjunction: Conjunction<Value>): void {
    const key = keyCondition(conjunction.conditions);
    if (key === undefined) {
      this.#always.push(conjunction.value);
      return;
    }
    const slot: Slot<Value> = this.#slots.get(key.name) ?? { byValue: new Map(), others: [] };
    this.#slots.set(key.name, slot);
    if (key.wanted === null || isNested(key.wanted)) {
      slot.others.push(conjunction);
    } else {
      slot.byValue.set(key.wanted, [...(slot.byValue.get(key.wanted) ?? []), conjunction]);
    }
  }
}

function collect<Value>(conjunctions: readonly Conjunction<Value>[], headers: Headers, found: Value[]): void {
  for (const { conditions, value } of conjunctions) {
    if (conditions.every((condition) => holds(condition, headers))) found.push(value);
  }
}
