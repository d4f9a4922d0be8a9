/** One request to an emulator of AWS: no signature, as emulators check none, so that it can never act on a real account. */
const REQUEST_TIMEOUT_MS = 30_000;

const PROTOCOLS = {
  sqs: { target: 'AmazonSQS', contentType: 'application/x-amz-json-1.0' },
  dynamodb: { target: 'DynamoDB_20120810', contentType: 'application/x-amz-json-1.0' },
  secretsmanager: { target: 'secretsmanager', contentType: 'application/x-amz-json-1.1' },
} as const;

type Service = keyof typeof PROTOCOLS;

/** Emulators know one account and one region unless told otherwise. */
export const EMULATED_ACCOUNT = '000000000000';
export const EMULATED_REGION = 'us-east-1';

/** What an emulator needs to see of a signature: for which service and region the request is. */
export function emulatedCredential(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=test/20260101/${EMULATED_REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}

/**
 * Calls an operation, such as `sqs:SetQueueAttributes`.
 * @throws Error where it refuses or does not answer
 */
export async function emulatorRequest(
  endpoint: string,
  operation: `${Service}:${string}`,
  input: object,
): Promise<unknown> {
  const [service, name] = operation.split(':') as [Service, string];
  const { target, contentType } = PROTOCOLS[service];
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': contentType,
      'x-amz-target': `${target}.${name}`,
      authorization: emulatedCredential(service),
    },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${operation} answered ${response.status}: ${text.slice(0, 500)}`);
  return text === '' ? {} : JSON.parse(text);
}
