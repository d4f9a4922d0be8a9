/**
 * SNS's attribute filter, as its developer guide words it ("Amazon SNS subscription filter policies"): every key of a
 * policy must be an attribute of the message, and one of its values must match; `$or` is one where it holds at least
 * two objects. Written from those pages, with no regard to the code that makes policies.
 */
export type Attributes = Readonly<Record<string, { readonly DataType: string; readonly StringValue: string }>>;

/** Whether a subscription with this policy gets a message with these attributes. */
export function snsDelivers(policy: unknown, attributes: Attributes): boolean {
  if (policy === undefined) return true;
  return Object.entries(record(policy)).every(([key, wanted]) => {
    if (!Array.isArray(wanted) || wanted.length === 0) throw new Error(`${key} must be an array that is not empty`);
    if (key === '$or') {
      if (wanted.length < 2) throw new Error('$or with less than two objects is an attribute');
      return wanted.some((branch) => snsDelivers(branch, attributes));
    }
    const attribute = attributes[key];
    return attribute !== undefined && wanted.some((rule) => matches(rule, attribute));
  });
}

function matches(rule: unknown, { DataType, StringValue }: Attributes[string]): boolean {
  if (typeof rule === 'string') return DataType === 'String' && StringValue === rule;
  const entries = Object.entries(record(rule));
  const [[operator, operand] = ['', undefined], ...others] = entries;
  if (others.length > 0) throw new Error(`one operator a rule, got ${JSON.stringify(rule)}`);
  switch (operator) {
    case 'prefix':
      return DataType === 'String' && StringValue.startsWith(String(operand));
    case 'exists':
      if (operand !== true) throw new Error('exists:false is not known everywhere');
      return true;
    case 'numeric':
      return DataType === 'Number' && isInRange(Number(StringValue), operand);
    default:
      throw new Error(`the operator ${operator} is not known everywhere`);
  }
}

function isInRange(value: number, operand: unknown): boolean {
  const [comparison, bound] = Array.isArray(operand) ? operand : [];
  if (comparison === '=') return value === bound;
  if (comparison === '>=') return value >= bound;
  throw new Error(`numeric ${JSON.stringify(operand)} is not what a plan needs`);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${JSON.stringify(value)} is no object`);
}
