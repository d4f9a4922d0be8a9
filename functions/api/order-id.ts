/** The order id of a path or an event; `undefined` where it is none. */
export function orderIdOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
