/** The function that takes delayed messages to their queues when they are due. */
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { FORWARDER_TIMEOUT } from './delay-queue.ts';
import { forwarderEntry } from './entry-code.ts';
import { NodeFunction, type NodeFunctionProps } from './node-function.ts';

export interface ForwarderFunctionProps extends Omit<NodeFunctionProps, 'entry' | 'description' | 'timeout'> {
  /** Path of the module that exports `app`. */
  readonly appModule: string;
  /** Of the delay queue. */
  readonly queueArn: string;
}

const MESSAGES_A_CALL = 10;

export class ForwarderFunction extends Construct {
  readonly function: NodeFunction;

  constructor(scope: Construct, id: string, { appModule, queueArn, ...rest }: ForwarderFunctionProps) {
    super(scope, id);
    this.function = new NodeFunction(this, 'Forwarder', {
      ...rest,
      description: 'Takes delayed messages to their queues',
      entry: forwarderEntry(appModule),
      timeout: FORWARDER_TIMEOUT,
    });
    new EventSourceMapping(this, 'Source', {
      target: this.function.lambda,
      eventSourceArn: queueArn,
      batchSize: MESSAGES_A_CALL,
      reportBatchItemFailures: true,
    }).node.addDependency(this.function.role);
  }
}
