import type { WireSignature } from '../message.ts';

/** How built-in tasks send signatures in wire form: no name that a worker's own context could have. */
export const sendSignature = Symbol('sendSignature');

export interface SendSignature {
  [sendSignature](signature: WireSignature, args?: readonly unknown[]): string;
}
