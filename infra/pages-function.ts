/** The function that serves the shop's pages where no CloudFront does. */
import { Duration } from 'aws-cdk-lib';
import { NodeFunction } from 'cellar/cdk';
import type { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';
import { functionFile } from './function-file.ts';
import { shopNames } from './shop-names.ts';

/** Makes it; it may do nothing but write its log. */
export function pagesFunction(scope: Construct, id: string, { prefix, removalPolicy }: Deployment): NodeFunction {
  return new NodeFunction(scope, id, {
    functionName: shopNames.function(prefix, 'pages'),
    description: "The shop's pages",
    entry: { file: functionFile('pages/handler.ts') },
    timeout: Duration.seconds(10),
    removalPolicy,
  });
}
