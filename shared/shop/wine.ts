/** What the shop sells. */
import * as z from 'zod/mini';

export const WINE_COLOURS = ['red', 'white', 'rose', 'sparkling', 'sweet'] as const;

export type WineColour = (typeof WINE_COLOURS)[number];

export interface Wine {
  /** Lower-case words joined by hyphens, for ever the same. */
  readonly id: string;
  readonly name: string;
  readonly winery: string;
  readonly region: string;
  readonly country: string;
  readonly grapes: readonly string[];
  readonly vintage: number;
  readonly colour: WineColour;
  readonly priceCents: number;
  readonly currency: 'EUR';
  readonly description: string;
  /** Colour of its bottle in the illustrations, as `#rrggbb`. */
  readonly illustration: string;
}

/** A wine as JSON has it; a property that is not known is a fault. */
export const wineSchema = z.strictObject({
  id: z.string().check(z.maxLength(100), z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)),
  name: z.string().check(z.minLength(1)),
  winery: z.string().check(z.minLength(1)),
  region: z.string().check(z.minLength(1)),
  country: z.string().check(z.minLength(1)),
  grapes: z.array(z.string()).check(z.minLength(1)),
  vintage: z.int().check(z.gte(1900)),
  colour: z.enum(WINE_COLOURS),
  priceCents: z.int().check(z.gte(1)),
  currency: z.literal('EUR'),
  description: z.string().check(z.minLength(1)),
  illustration: z.string().check(z.regex(/^#[0-9a-f]{6}$/)),
});
