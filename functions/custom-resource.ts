/** A Lambda function as a custom resource of CloudFormation (its user guide, "Custom resource reference"). */
import process from 'node:process';
import { systemRuntime } from 'cellar';
import { type AwsCalls, openAwsCalls } from 'cellar/aws';

/** What CloudFormation sends; the parts that are read. */
export interface ResourceEvent<Properties> {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly ResourceProperties: Properties;
}

export interface CustomResource<Properties> {
  /** Its physical id; one that stays the same means that an update replaces nothing. */
  idOf(properties: Properties): string;
  /** Does what a deployment needs; must be safe to repeat. @default nothing */
  readonly apply?: Step<Properties>;
  /** Does what its deletion needs; must be safe to repeat. @default nothing: what it made stays */
  readonly remove?: Step<Properties>;
}

type Step<Properties> = (properties: Properties, calls: AwsCalls) => Promise<void>;

/** Makes the handler. CloudFormation is told of a failure, with the reason. */
export function customResource<Properties>({ idOf, apply, remove }: CustomResource<Properties>) {
  return async (event: ResourceEvent<Properties>): Promise<void> => {
    const { RequestType: type, ResourceProperties: properties } = event;
    const id = idOf(properties);
    const step = type === 'Delete' ? remove : apply;
    try {
      if (step !== undefined) await withCalls((calls) => step(properties, calls));
      await answer(event, id, { Status: 'SUCCESS' });
    } catch (error) {
      await answer(event, id, { Status: 'FAILED', Reason: error instanceof Error ? error.message : String(error) });
    }
  };
}

async function withCalls(work: (calls: AwsCalls) => Promise<void>): Promise<void> {
  const { AWS_REGION: region = '', AWS_ENDPOINT_URL: endpoint } = process.env;
  const location = { region, account: '', prefix: '', ...(endpoint ? { endpoint } : undefined) };
  const calls = openAwsCalls(location, systemRuntime);
  try {
    await work(calls);
  } finally {
    calls.close();
  }
}

/** CloudFormation waits for this, whatever became of it. */
async function answer(
  { StackId, RequestId, LogicalResourceId, ResponseURL }: ResourceEvent<unknown>,
  PhysicalResourceId: string,
  outcome: { readonly Status: string; readonly Reason?: string },
): Promise<void> {
  const body = JSON.stringify({ ...outcome, StackId, RequestId, LogicalResourceId, PhysicalResourceId });
  const response = await fetch(ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!response.ok) throw new Error(`CloudFormation did not take the answer: ${response.status}`);
}
