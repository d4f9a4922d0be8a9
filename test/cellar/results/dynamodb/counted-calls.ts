import type { AwsCalls, AwsOperation } from '../../../../shared/cellar/aws/calls.ts';

export interface CountedCalls extends AwsCalls {
  /** The operations called since the last `reset`, in order, without `dynamodb:`. */
  readonly made: readonly string[];
  reset(): void;
}

/** Notes what is called. */
export function countedCalls(calls: AwsCalls): CountedCalls {
  const made: string[] = [];
  return {
    made,
    reset: () => void made.splice(0),
    call(operation: AwsOperation, ...rest) {
      made.push(operation.replace('dynamodb:', ''));
      return calls.call(operation, ...rest) as never;
    },
    close: () => calls.close(),
  };
}
