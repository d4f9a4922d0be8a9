import type { WireMessage } from '../broker.ts';

const GENERATION = 'x-cellar-generation';

/** The message as a redrive sends it again: a new attempt, told apart by its generation. */
export function nextGeneration(message: WireMessage): WireMessage {
  const generation = message.headers[GENERATION];
  const next = (typeof generation === 'number' ? generation : 0) + 1;
  return { ...message, headers: { ...message.headers, [GENERATION]: next } };
}
