/**
 * The Lambda function that puts the shop's pages, which it carries with it, into their bucket: a custom resource of
 * CloudFormation (its user guide, "Custom resource reference"). Deleting the resource leaves them there.
 */
import process from 'node:process';
import { systemRuntime } from 'cellar';
import { openAwsCalls } from 'cellar/aws';
import { webFiles } from '../../web/files.ts';

/** What CloudFormation sends; the parts that are read. */
interface ResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly ResourceProperties: { readonly bucket: string };
}

export async function handler(event: ResourceEvent): Promise<void> {
  const { RequestType: type, ResourceProperties: properties } = event;
  try {
    if (type !== 'Delete') await upload(properties.bucket);
    await answer(event, { Status: 'SUCCESS' });
  } catch (error) {
    await answer(event, { Status: 'FAILED', Reason: error instanceof Error ? error.message : String(error) });
  }
}

async function upload(bucket: string): Promise<void> {
  const { AWS_REGION: region = '', AWS_ENDPOINT_URL: endpoint } = process.env;
  const calls = openAwsCalls(
    { region, account: '', prefix: '', ...(endpoint ? { endpoint } : undefined) },
    systemRuntime,
  );
  await Promise.all(
    webFiles({ isLocal: false }).map(({ key, body, contentType }) =>
      calls.call('s3:PutObject', {
        Bucket: bucket,
        Key: key,
        Body: new TextEncoder().encode(body),
        ContentType: contentType,
      }),
    ),
  );
  calls.close();
}

/** CloudFormation waits for this, whatever became of it. */
async function answer(
  event: ResourceEvent,
  outcome: { readonly Status: string; readonly Reason?: string },
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId, ResourceProperties, ResponseURL } = event;
  const body = JSON.stringify({
    ...outcome,
    StackId,
    RequestId,
    LogicalResourceId,
    PhysicalResourceId: `pages-of-${ResourceProperties.bucket}`,
  });
  const response = await fetch(ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!response.ok) throw new Error(`CloudFormation did not take the answer: ${response.status}`);
}
