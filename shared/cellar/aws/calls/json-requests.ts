/** AWS's JSON protocols with one address and the operation in a header: Smithy's awsJson1_0 and awsJson1_1. */
import { serviceUrl } from '../location.ts';
import { type AwsRequest, operationName, type RequestContext } from './aws-request.ts';

export function targetRequest(service: string, target: string, version: '1.0' | '1.1') {
  return (input: object, { operation, location }: RequestContext): AwsRequest => ({
    service,
    method: 'POST',
    url: `${serviceUrl(service, location)}/`,
    headers: {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${target}.${operationName(operation)}`,
    },
    body: JSON.stringify(input),
  });
}
