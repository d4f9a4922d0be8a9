/** SNS's PublishBatch in AWS's query protocol: a form goes out, XML comes back. */
import type { AwsOperations, SnsPublishEntry } from '../calls.ts';
import { serviceUrl } from '../location.ts';
import { type AwsAnswer, type AwsRequest, type RequestContext, textOfAnswer } from './aws-request.ts';
import { find, readXml, textOf, type XmlElement } from './read-xml.ts';

const MEMBER = 'PublishBatchRequestEntries.member.';

export function publishBatchRequest(
  { TopicArn, PublishBatchRequestEntries }: AwsOperations['sns:PublishBatch']['input'],
  { location }: RequestContext,
): AwsRequest {
  const form = new URLSearchParams({ Action: 'PublishBatch', Version: '2010-03-31', TopicArn });
  for (const [index, entry] of PublishBatchRequestEntries.entries()) addEntry(form, `${MEMBER}${index + 1}.`, entry);
  return {
    service: 'sns',
    method: 'POST',
    url: `${serviceUrl('sns', location)}/`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  };
}

function addEntry(form: URLSearchParams, prefix: string, { MessageAttributes = {}, ...fields }: SnsPublishEntry): void {
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(prefix + name, value);
  for (const [index, [name, { DataType, StringValue }]] of Object.entries(MessageAttributes).entries()) {
    const entry = `${prefix}MessageAttributes.entry.${index + 1}.`;
    form.append(`${entry}Name`, name);
    form.append(`${entry}Value.DataType`, DataType);
    form.append(`${entry}Value.StringValue`, StringValue);
  }
}

/** @throws SyntaxError where the answer is none of PublishBatch */
export function publishBatchResult(answer: AwsAnswer): AwsOperations['sns:PublishBatch']['output'] {
  const result = find(readXml(textOfAnswer(answer)), 'PublishBatchResult');
  if (result === undefined) throw new SyntaxError('the answer has no PublishBatchResult');
  return {
    Successful: membersOf(result, 'Successful').map((member) => ({ Id: textOf(member, 'Id') })),
    Failed: membersOf(result, 'Failed').map((member) => ({
      Id: textOf(member, 'Id'),
      Code: textOf(member, 'Code'),
      Message: textOf(member, 'Message'),
      SenderFault: textOf(member, 'SenderFault') === 'true',
    })),
  };
}

function membersOf(result: XmlElement, name: string): readonly XmlElement[] {
  return find(result, name)?.children ?? [];
}
