/** A call to AWS as HTTP. */
import type { AwsOperation } from '../calls.ts';
import type { AwsLocation } from '../location.ts';

/** A request that is not signed yet. */
export interface AwsRequest {
  /** The service's name in the signature. */
  readonly service: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** What a request is made of beside its input. */
export interface RequestContext {
  readonly operation: AwsOperation;
  readonly location: Pick<AwsLocation, 'region' | 'endpoint'>;
}

export interface AwsAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

const decoder = new TextDecoder();

export function textOfAnswer({ body }: AwsAnswer): string {
  return decoder.decode(body);
}

/** `SendMessageBatch` of `sqs:SendMessageBatch`. */
export function operationName(operation: AwsOperation): string {
  return operation.slice(operation.indexOf(':') + 1);
}

/** For a path or query: RFC 3986's unreserved characters stay. */
export function uriEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
