/** AWS's calls without AWS: they remember what was asked and answer as the test says. */
import type { AwsCalls, AwsOperation, AwsOperations } from '../../../../shared/cellar/aws/calls.ts';

type Input<Operation extends AwsOperation> = AwsOperations[Operation]['input'];
type Output<Operation extends AwsOperation> = AwsOperations[Operation]['output'];

export type Answers = {
  readonly [Operation in AwsOperation]?: (
    input: Input<Operation>,
    signal: AbortSignal | undefined,
  ) => Output<Operation> | Promise<Output<Operation>>;
};

export interface ScriptedCalls extends AwsCalls {
  /** What was asked by this operation, in order. */
  inputsOf<Operation extends AwsOperation>(operation: Operation): readonly Input<Operation>[];
}

const allOf = ({ Entries }: { readonly Entries: readonly { readonly Id: string }[] }) => ({ Successful: Entries });

/** What AWS answers when all is well and queues are empty. */
const WELL: Answers = {
  'sqs:SendMessageBatch': allOf,
  'sqs:DeleteMessageBatch': allOf,
  'sqs:ChangeMessageVisibilityBatch': allOf,
  'sns:PublishBatch': ({ PublishBatchRequestEntries }) => ({ Successful: PublishBatchRequestEntries }),
  'sqs:ReceiveMessage': () => ({}),
  'scheduler:CreateSchedule': () => ({}),
  's3:PutObject': () => ({}),
};

export function scriptedCalls(answers: Answers = {}): ScriptedCalls {
  const asked: { readonly operation: AwsOperation; readonly input: unknown }[] = [];
  return {
    async call(operation, input, options) {
      asked.push({ operation, input });
      const answer = answers[operation] ?? WELL[operation];
      if (answer === undefined) throw new Error(`${operation} was not expected`);
      return await answer(input, options?.signal);
    },
    close: () => undefined,
    inputsOf: <Operation extends AwsOperation>(wanted: Operation) =>
      asked.flatMap(({ operation, input }) => (operation === wanted ? [input as Input<Operation>] : [])),
  };
}
