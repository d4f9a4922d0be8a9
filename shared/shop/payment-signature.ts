/** Signatures of payment events in Stripe's form: `Stripe-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the signature's time may be from now, either way. */
export const SIGNATURE_TOLERANCE_SECONDS = 300;

export interface SignatureCheck {
  readonly secret: string;
  readonly nowSeconds: number;
}

/** Signs an event's body as the provider does. */
export function signPayment(body: string, { secret, nowSeconds }: SignatureCheck): string {
  return `t=${nowSeconds},v1=${digest(String(nowSeconds), body, secret).toString('hex')}`;
}

/** What is wrong with the signature of a body, in one sentence; `undefined` when it is right. Any of several `v1` may match. */
export function signatureFault(
  header: string | undefined,
  body: string,
  { secret, nowSeconds }: SignatureCheck,
): string | undefined {
  if (header === undefined || header === '') return 'The header Stripe-Signature is missing.';
  const parts = header.split(',').map((part) => part.trim().split('=', 2));
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  const digests = parts.flatMap(([name, value]) => (name === 'v1' && value !== undefined ? [value] : []));
  if (!/^\d{1,12}$/.test(time) || digests.length === 0) {
    return 'The header Stripe-Signature must have the form t=<seconds>,v1=<hex>.';
  }
  const wanted = digest(time, body, secret);
  if (!digests.some((given) => isDigest(given, wanted))) return 'The signature does not fit the body.';
  if (Math.abs(nowSeconds - Number(time)) > SIGNATURE_TOLERANCE_SECONDS) {
    return `The signature is more than ${SIGNATURE_TOLERANCE_SECONDS} seconds old.`;
  }
  return undefined;
}

function digest(time: string, body: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${time}.${body}`).digest();
}

function isDigest(given: string, wanted: Buffer): boolean {
  return /^[0-9a-f]{64}$/.test(given) && timingSafeEqual(Buffer.from(given, 'hex'), wanted);
}
