/**
 * What ministack's CloudFormation leaves out of queues, set afterwards: the dead-letter queue, and high-throughput
 * FIFO. AWS needs none of this; the rest of the system does not know of it.
 */
import type { Template } from './cdk.ts';
import { EMULATED_ACCOUNT, EMULATED_REGION, emulatorRequest } from './emulator-request.ts';

interface QueueProperties {
  readonly QueueName?: unknown;
  readonly RedrivePolicy?: { readonly deadLetterTargetArn?: unknown; readonly maxReceiveCount?: unknown };
  readonly DeduplicationScope?: unknown;
  readonly FifoThroughputLimit?: unknown;
}

export interface QueueGap {
  readonly queueName: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The attributes that the templates ask for and ministack does not set; queues must have names. */
export function queueGaps(templates: readonly Template[]): readonly QueueGap[] {
  return templates.flatMap((template) =>
    queuesOf(template).flatMap(([, { QueueName: queueName, ...properties }]) => {
      if (typeof queueName !== 'string') return [];
      const attributes = { ...fifoAttributes(properties), ...redriveAttributes(template, properties) };
      return Object.keys(attributes).length === 0 ? [] : [{ queueName, attributes }];
    }),
  );
}

/** @throws Error where the emulator refuses */
export async function closeQueueGaps(endpoint: string, gaps: readonly QueueGap[]): Promise<void> {
  for (const { queueName, attributes } of gaps) {
    const QueueUrl = `${endpoint}/${EMULATED_ACCOUNT}/${queueName}`;
    await emulatorRequest(endpoint, 'sqs:SetQueueAttributes', { QueueUrl, Attributes: attributes });
  }
}

function queuesOf({ Resources = {} }: Template): readonly (readonly [string, QueueProperties])[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === 'AWS::SQS::Queue')
    .map(([id, { Properties = {} }]) => [id, Properties] as const);
}

function fifoAttributes({ DeduplicationScope, FifoThroughputLimit }: QueueProperties) {
  const wanted = { DeduplicationScope, FifoThroughputLimit };
  return Object.fromEntries(Object.entries(wanted).flatMap(([name, value]) => (value ? [[name, String(value)]] : [])));
}

function redriveAttributes(template: Template, { RedrivePolicy }: QueueProperties): Readonly<Record<string, string>> {
  if (RedrivePolicy === undefined) return {};
  const { deadLetterTargetArn, maxReceiveCount } = RedrivePolicy;
  const name = nameBehind(template, deadLetterTargetArn);
  if (name === undefined)
    throw new Error(
      `the dead-letter queue is ${JSON.stringify(deadLetterTargetArn)}, allowed: a named queue of the same stack`,
    );
  const arn = `arn:aws:sqs:${EMULATED_REGION}:${EMULATED_ACCOUNT}:${name}`;
  return { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: String(maxReceiveCount) }) };
}

/** The queue that `Fn::GetAtt` of its Arn means. */
function nameBehind(template: Template, arn: unknown): string | undefined {
  const attribute = (arn as { readonly 'Fn::GetAtt'?: readonly [string, string] } | undefined)?.['Fn::GetAtt'];
  const [, properties] = queuesOf(template).find(([id]) => id === attribute?.[0]) ?? [];
  return typeof properties?.QueueName === 'string' ? properties.QueueName : undefined;
}
