import { type AttributeSource, attributeReader, type Subject } from './attribute.ts';

/**
 * A test of one attribute. A text is compared as a whole, or must begin with `value` (`''`: any text, it must be
 * there). A number is compared as a whole, or must be at least `value`.
 */
export interface AttributeTest {
  readonly source: AttributeSource;
  readonly value: string | number;
  readonly whole: boolean;
}

/** Whether all that passes `inner` passes `outer`; both test the same attribute. */
export function isInside(inner: AttributeTest, outer: AttributeTest): boolean {
  return outer.whole ? inner.whole && inner.value === outer.value : reaches(inner.value, outer.value);
}

/** The test that passes what passes both, which is always one of them; `undefined` where nothing does. */
export function meet(left: AttributeTest, right: AttributeTest): AttributeTest | undefined {
  if (isInside(left, right)) return left;
  return isInside(right, left) ? right : undefined;
}

/** Whether a message passes. */
export function passes(test: AttributeTest, subject: Subject): boolean {
  const attribute = attributeReader(test.source)(subject);
  if (attribute === undefined) return false;
  const value = attribute.DataType === 'Number' ? Number(attribute.StringValue) : attribute.StringValue;
  return isInside({ source: test.source, value, whole: true }, test);
}

function reaches(value: string | number, bound: string | number): boolean {
  return typeof value === 'number' ? value >= Number(bound) : value.startsWith(String(bound));
}
