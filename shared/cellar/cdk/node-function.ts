/** A Lambda function as all of Cellar's are: Node 24 on arm64, one ES module, a role and a log group of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AssetHashType, DockerImage, type Duration, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, RecursiveLoop, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Bundle, bundle, type Entry, writeBundle } from './bundle.ts';

export interface NodeFunctionProps {
  /** At most 64 characters; the log group is `/aws/lambda/` and this. */
  readonly functionName: string;
  readonly description: string;
  readonly entry: Entry;
  readonly timeout: Duration;
  /** MiB; computing power rises with it. @default 512 */
  readonly memorySize?: number;
  /** @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** What its role may do beside writing its log. @default nothing */
  readonly permissions?: readonly PolicyStatement[];
  /** Calls side by side that are set aside for it. @default none: it shares the account's */
  readonly reservedConcurrency?: number;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /** Of the log group. @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
}

export class NodeFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const { functionName, permissions = [], removalPolicy = RemovalPolicy.DESTROY } = props;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(this.role);
    for (const statement of permissions) this.role.addToPolicy(statement);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName,
      description: props.description,
      code: bundledCode(this, functionName, props.entry),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memorySize ?? 512,
      timeout: props.timeout,
      ...(props.reservedConcurrency === undefined
        ? undefined
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
      environment: { ...props.environment },
      logGroup,
      role: this.role,
      // A task may send tasks to its own queue; Cellar counts the hops itself, Lambda would stop after about 16.
      recursiveLoop: RecursiveLoop.ALLOW,
    });
  }
}

/** Without Docker. Where the stack is not bundled (context `aws:cdk:bundling-stacks`), the folder stands for the code. */
function bundledCode(scope: Construct, functionName: string, entry: Entry): Code {
  const folder = 'file' in entry ? dirname(entry.file) : entry.folder;
  const tryBundle = (outputFolder: string): boolean => {
    const bundled = bundle(entry);
    writeBundle(bundled, outputFolder);
    keepSourceMaps(scope, functionName, bundled);
    return true;
  };
  return Code.fromAsset(folder, {
    assetHashType: Stack.of(scope).bundlingRequired ? AssetHashType.OUTPUT : AssetHashType.SOURCE,
    // The image is never pulled; the command tells functions of one folder apart.
    bundling: { image: DockerImage.fromRegistry('none'), command: [functionName], local: { tryBundle } },
  });
}

/** In `cdk.out/source-maps`: for reading stack traces, not for Lambda to load. */
function keepSourceMaps(scope: Construct, functionName: string, { modules }: Bundle): void {
  const folder = join(Stage.of(scope)?.outdir ?? 'cdk.out', 'source-maps', functionName);
  mkdirSync(folder, { recursive: true });
  for (const [name, { sourceMap }] of modules) writeFileSync(join(folder, `${name}.map`), sourceMap);
}
