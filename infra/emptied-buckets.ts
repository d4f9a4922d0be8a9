/** Empties the buckets of a stack when it is deleted, in a stage whose data may go. */
import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { NodeFunction } from 'cellar/cdk';
import { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';
import { functionFile } from './function-file.ts';
import { bucketName, shopNames } from './shop-names.ts';

export interface EmptiedBucketsProps {
  readonly deployment: Deployment;
  /** Whose buckets, for the function's name: `storage`. */
  readonly stack: string;
  /** Buckets of this stack, as `bucketName` knows them. */
  readonly buckets: readonly string[];
}

/** Some 100,000 objects. */
const TIMEOUT = Duration.minutes(14);
/** Longer, so that a function that timed out is told from one that did not start. */
const SERVICE_TIMEOUT = Duration.minutes(15);

/**
 * CDK's own `autoDeleteObjects` does the same by a function that may do more: its bucket policy allows whole families
 * of actions, and its role has a policy of AWS's.
 */
export class EmptiedBuckets extends Construct {
  constructor(scope: Construct, id: string, { deployment, stack, buckets }: EmptiedBucketsProps) {
    super(scope, id);
    const { prefix, removalPolicy } = deployment;
    if (removalPolicy !== RemovalPolicy.DESTROY) return;
    const names = buckets.map((name) => bucketName(this, prefix, name));
    const arnOf = (resource: string) => Stack.of(this).formatArn({ service: 's3', region: '', account: '', resource });
    const emptying = new NodeFunction(this, 'Function', {
      functionName: shopNames.function(prefix, `empty-${stack}`),
      description: `Empties the buckets of ${stack} when its stack is deleted`,
      entry: { file: functionFile('empty-bucket/handler.ts') },
      timeout: TIMEOUT,
      permissions: [
        new PolicyStatement({ actions: ['s3:ListBucket'], resources: names.map(arnOf) }),
        new PolicyStatement({ actions: ['s3:DeleteObject'], resources: names.map((name) => arnOf(`${name}/*`)) }),
      ],
      removalPolicy,
    });
    for (const [index, bucket] of names.entries()) {
      const emptied = new CustomResource(this, `Emptied-${buckets[index]}`, {
        resourceType: 'Custom::EmptiedBucket',
        serviceToken: emptying.lambda.functionArn,
        properties: { bucket },
        serviceTimeout: SERVICE_TIMEOUT,
      });
      // What it depends on is deleted after it.
      emptied.node.addDependency(emptying.role);
    }
  }
}
