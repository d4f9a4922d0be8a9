/** What a customer sends to place an order, checked field by field. */
import * as z from 'zod/mini';
import type { Customer } from './order.ts';

export const MAX_QUANTITY = 120;
const MAX_LINES = 50;
const MAX_EMAIL = 254;
/** Control characters, line and paragraph separators: nothing of one line holds them, least of all a mail header. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
/** The unpaired halves that JSON can carry and UTF-8 cannot. */
const LONE_SURROGATE = /\p{Cs}/u;
/** One plain address; zod's own comes with every other format that it knows. */
const ADDRESS = /^(?:[A-Za-z0-9_'+-]+\.)*[A-Za-z0-9_'+-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/;

export interface OrderRequest {
  readonly customer: Customer;
  readonly items: readonly { readonly wineId: string; readonly quantity: number }[];
  readonly couponCode?: string | undefined;
}

/** Path of a field (`items.0.quantity`) → one sentence. */
export type FieldErrors = Readonly<Record<string, string>>;

export type OrderRequestOutcome = { readonly request: OrderRequest } | { readonly fields: FieldErrors };

/** One line of text, trimmed, of 1 to `max` characters; one sentence says all that is allowed. */
function line(label: string, max: number) {
  const sentence = `${label} must be 1 to ${max} characters on one line.`;
  return z.string(sentence).check(
    z.refine((text) => !CONTROL.test(text) && !LONE_SURROGATE.test(text), sentence),
    z.trim(),
    z.refine((text) => text.length >= 1 && text.length <= max, sentence),
  );
}

const EMAIL = 'E-mail must be one address such as name@example.com.';
const QUANTITY = `Quantity must be a whole number from 1 to ${MAX_QUANTITY}.`;
const ITEMS = `Items must be a list of 1 to ${MAX_LINES} wines.`;

const requestSchema = z.strictObject(
  {
    customer: z.strictObject(
      {
        firstName: line('First name', 50),
        lastName: line('Last name', 50),
        email: z.string(EMAIL).check(
          z.refine((text) => !CONTROL.test(text), EMAIL),
          z.trim(),
          z.maxLength(MAX_EMAIL, EMAIL),
          z.regex(ADDRESS, EMAIL),
        ),
        address: line('Address', 250),
        postalCode: line('Postal code', 20),
        city: line('City', 100),
      },
      { error: (issue) => unknownKeys(issue) ?? 'Customer must be an object with name and address.' },
    ),
    items: z
      .array(
        z.strictObject(
          {
            wineId: line('Wine', 100),
            quantity: z.int(QUANTITY).check(z.gte(1, QUANTITY), z.lte(MAX_QUANTITY, QUANTITY)),
          },
          { error: (issue) => unknownKeys(issue) ?? 'An item must be an object with wineId and quantity.' },
        ),
        ITEMS,
      )
      .check(z.minLength(1, ITEMS), z.maxLength(MAX_LINES, ITEMS)),
    couponCode: z.optional(line('Coupon', 50)),
  },
  { error: (issue) => unknownKeys(issue) ?? 'The body must be an object with customer and items.' },
);

function unknownKeys(issue: { readonly code?: string; readonly keys?: readonly string[] }): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const names = (issue.keys ?? []).slice(0, 5).map((key) => JSON.stringify(key.slice(0, 50)));
  return `This key is not known: ${names.join(', ')}.`;
}

/** Checks a parsed JSON body; all faults are reported at once, the first of each field. */
export function parseOrderRequest(body: unknown): OrderRequestOutcome {
  const parsed = requestSchema.safeParse(body);
  if (parsed.success) {
    const repeated = repeatedWines(parsed.data);
    return Object.keys(repeated).length > 0 ? { fields: repeated } : { request: parsed.data };
  }
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) fields[issue.path.join('.') || 'body'] ??= issue.message;
  return { fields };
}

/** Two lines of one wine are refused, not merged: the sum might pass the limit, and no form of ours makes them. */
function repeatedWines({ items }: OrderRequest): FieldErrors {
  const seen = new Set<string>();
  const fields: Record<string, string> = {};
  for (const [index, { wineId }] of items.entries()) {
    if (seen.has(wineId)) fields[`items.${index}.wineId`] = 'Each wine may be listed once; raise its quantity instead.';
    seen.add(wineId);
  }
  return fields;
}
