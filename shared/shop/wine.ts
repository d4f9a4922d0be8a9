/** What the shop sells. */

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
