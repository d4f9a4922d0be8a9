/** The REST of EventBridge Scheduler and SES, in JSON. */
import type { AwsOperations } from '../calls.ts';
import { serviceUrl } from '../location.ts';
import { type AwsRequest, type RequestContext, uriEncoded } from './aws-request.ts';

type SchedulerInput<Name extends 'Create' | 'Get' | 'Delete'> = AwsOperations[`scheduler:${Name}Schedule`]['input'];

function schedulerRequest(
  { location }: RequestContext,
  [method, path]: readonly [AwsRequest['method'], string],
  body?: object,
): AwsRequest {
  return {
    service: 'scheduler',
    method,
    url: `${serviceUrl('scheduler', location)}/schedules${path}`,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(body === undefined ? undefined : { body: JSON.stringify(body) }),
  };
}

function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return `?${pairs.map(([name, value]) => `${name}=${uriEncoded(String(value))}`).join('&')}`;
}

/** EventBridge Scheduler's API reference. */
export const schedulerRequests = {
  create: ({ Name, ...rest }: SchedulerInput<'Create'>, context: RequestContext) =>
    schedulerRequest(context, ['POST', `/${uriEncoded(Name)}`], rest),
  get: ({ Name, GroupName }: SchedulerInput<'Get'>, context: RequestContext) =>
    schedulerRequest(context, ['GET', `/${uriEncoded(Name)}${query({ groupName: GroupName })}`]),
  delete: ({ Name, GroupName, ClientToken }: SchedulerInput<'Delete'>, context: RequestContext) => {
    const parameters = query({ clientToken: ClientToken, groupName: GroupName });
    return schedulerRequest(context, ['DELETE', `/${uriEncoded(Name)}${parameters}`]);
  },
  list: ({ GroupName, ...rest }: AwsOperations['scheduler:ListSchedules']['input'], context: RequestContext) =>
    schedulerRequest(context, ['GET', query({ ScheduleGroup: GroupName, ...rest })]),
};

/** SES API v2, SendEmail with raw content. */
export function sendEmailRequest(
  { Raw, ...rest }: AwsOperations['ses:SendEmail']['input'],
  { location }: RequestContext,
): AwsRequest {
  return {
    service: 'ses',
    method: 'POST',
    url: `${serviceUrl('email', location)}/v2/email/outbound-emails`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...rest, Content: { Raw: { Data: Buffer.from(Raw).toString('base64') } } }),
  };
}
