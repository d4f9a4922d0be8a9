/** Bodies that are too large for a queue, in S3. What deletes them is the bucket's lifecycle. */
import { AwsCallError, type AwsCalls } from '../../aws/calls.ts';
import { type AwsLocation, awsNames } from '../../aws/location.ts';
import type { PayloadStore } from '../../backend.ts';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { describeError } from '../../exception.ts';

const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';

export interface PayloadParts {
  readonly calls: AwsCalls;
  readonly location: AwsLocation;
  readonly runtime: Runtime;
}

/** Every method throws CellarError `store-unavailable` where S3 does not answer or says no. */
export function s3Payloads({ calls, location, runtime }: PayloadParts): PayloadStore {
  const Bucket = awsNames.payloadsBucket(location);
  return {
    async put(body) {
      const isText = typeof body === 'string';
      // Two ids hold 124 bits of chance: who knows one key cannot guess another.
      const Key = `${runtime.newId()}.${runtime.newId()}`;
      const Body = isText ? Buffer.from(body) : body;
      await answered(calls.call('s3:PutObject', { Bucket, Key, Body, ContentType: isText ? TEXT : BYTES }));
      return Key;
    },
    async get(key) {
      const object = await answered(
        calls.call('s3:GetObject', { Bucket, Key: key }).catch((error: unknown) => {
          if (error instanceof AwsCallError && error.awsCode === 'NoSuchKey') return undefined;
          throw error;
        }),
      );
      if (object === undefined) return undefined;
      return object.ContentType === BYTES ? object.Body : Buffer.from(object.Body).toString('utf8');
    },
  };
}

async function answered<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    throw new CellarError('store-unavailable', `large bodies: ${describeError(error)}`, { cause: error });
  }
}
