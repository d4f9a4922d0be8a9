/** An answer that says no, as an error. */
import { AwsCallError, type AwsOperation, type Item } from '../calls.ts';
import { type AwsAnswer, textOfAnswer } from './aws-request.ts';
import { publicText, type Secrets } from './public-text.ts';
import { readXml, textOf } from './read-xml.ts';

interface Fault {
  readonly awsCode: string;
  readonly message: string;
  readonly item?: Item | undefined;
  readonly reasons?: readonly { readonly code: string; readonly item?: Item }[];
}

/** DynamoDB's, of a cancelled transaction. */
export interface CancellationReason {
  readonly Code?: string | undefined;
  readonly Item?: Item | undefined;
}

/** In the order of the transaction's writes. */
export function reasonsOf(reasons: readonly CancellationReason[] | undefined): NonNullable<Fault['reasons']> {
  return (reasons ?? []).map(({ Code, Item }) => ({
    code: Code ?? 'None',
    ...(Item === undefined ? undefined : { item: Item }),
  }));
}

/** `X` of `com.amazonaws.dynamodb.v20120810#X` and of `X:http://internal.amazon.com/...`. */
function plainCode(code: string): string {
  return code.slice(code.indexOf('#') + 1).replace(/[:,].*$/s, '');
}

function faultOf(answer: AwsAnswer): Fault {
  const text = textOfAnswer(answer);
  if (text.trimStart().startsWith('<')) {
    const element = readXml(text);
    return { awsCode: textOf(element, 'Code'), message: textOf(element, 'Message') };
  }
  const body = text === '' ? {} : JSON.parse(text);
  return {
    awsCode: plainCode(answer.headers.get('x-amzn-errortype') ?? body.__type ?? body.code ?? body.Code ?? ''),
    message: String(body.message ?? body.Message ?? ''),
    item: body.Item,
    reasons: reasonsOf(body.CancellationReasons),
  };
}

/** What AWS's answer with a status above 299 says; `Http<status>` where it has no code, as from a proxy. */
export function answerError(operation: AwsOperation, answer: AwsAnswer, secrets: Secrets): AwsCallError {
  const { status } = answer;
  const fault = readable(() => faultOf(answer)) ?? { awsCode: '', message: '' };
  const message = publicText(fault.message, secrets) || `the answer has the status ${status} and no message`;
  return new AwsCallError(operation, { ...fault, awsCode: fault.awsCode || `Http${status}`, message, status });
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
