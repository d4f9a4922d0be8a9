/** The catalogue: every wine on sale, from a data file. */
import * as z from 'zod/mini';
import { WINE_COLOURS, type Wine } from './wine.ts';
import wines from './wines.json' with { type: 'json' };

const wineSchema = z.strictObject({
  id: z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)),
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

export interface Catalogue {
  /** All wines, in the order in which the shop shows them. */
  readonly wines: readonly Wine[];
  wine(id: string): Wine | undefined;
}

/**
 * Reads the catalogue.
 *
 * @throws ZodError where an entry of the data does not fit
 */
export function openCatalogue(data: unknown = wines): Catalogue {
  const list: readonly Wine[] = z.array(wineSchema).parse(data);
  const byId = new Map(list.map((wine) => [wine.id, wine]));
  return { wines: list, wine: (id) => byId.get(id) };
}
