/** How many bytes AWS counts. */
import type { AttributeValue, Item, MessageAttribute } from '../../../../shared/cellar/aws/calls.ts';

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

/** Body and attributes, by name, type and value (SQS's "message quotas"). */
export function messageBytes(
  body: string,
  attributes: Readonly<Record<string, MessageAttribute | string>> = {},
): number {
  return Object.entries(attributes).reduce((sum, [name, value]) => {
    const text = typeof value === 'string' ? value : value.DataType + value.StringValue;
    return sum + bytes(name) + bytes(text);
  }, bytes(body));
}

/** DynamoDB's "item sizes and formats". */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + bytes(name) + valueBytes(value), 0);
}

function valueBytes(value: AttributeValue): number {
  if ('S' in value) return bytes(value.S);
  if ('N' in value) return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1;
  if ('SS' in value) return value.SS.reduce((sum, text) => sum + bytes(text), 0);
  if ('L' in value) return value.L.reduce((sum, part) => sum + 1 + valueBytes(part), 3);
  if ('M' in value) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  return 1;
}
