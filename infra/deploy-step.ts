/** A function that CloudFormation calls while it deploys, at first and whenever what it works from has changed. */
import { createHash } from 'node:crypto';
import { CustomResource, Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { NodeFunction } from 'cellar/cdk';
import { Construct } from 'constructs';
import { functionFile } from './function-file.ts';

export interface DeployStepProps {
  readonly functionName: string;
  readonly description: string;
  /** Path of its entry file below `functions/`: a custom resource. */
  readonly file: string;
  readonly permissions: readonly PolicyStatement[];
  /** Type of the resource, such as `Custom::UploadedPages`. */
  readonly resourceType: string;
  /** What the function is told. */
  readonly properties: Readonly<Record<string, string>>;
  /** What it works from, as JSON says it. */
  readonly worksFrom: unknown;
  readonly removalPolicy: RemovalPolicy;
}

const TIMEOUT = Duration.minutes(2);
/** Longer, so that a function that timed out is told from one that did not start. */
const SERVICE_TIMEOUT = Duration.minutes(3);

export class DeployStep extends Construct {
  constructor(scope: Construct, id: string, props: DeployStepProps) {
    super(scope, id);
    const { functionName, description, file, permissions, removalPolicy } = props;
    const step = new NodeFunction(this, 'Function', {
      functionName,
      description,
      entry: { file: functionFile(file) },
      timeout: TIMEOUT,
      permissions,
      removalPolicy,
    });
    const done = new CustomResource(this, 'Done', {
      resourceType: props.resourceType,
      serviceToken: step.lambda.functionArn,
      properties: { ...props.properties, version: versionOf(props.worksFrom) },
      serviceTimeout: SERVICE_TIMEOUT,
    });
    done.node.addDependency(step.role);
  }
}

function versionOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
